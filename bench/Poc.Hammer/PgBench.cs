using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Poc.LocalHost.Processes;
using Poc.LocalHost.Servers;

namespace Poc.Hammer;

/// <summary>
/// PostgreSQL's own load tool with the rows of a submission: one statement that inserts request, first state and outbox row, prepared, one commit each. What the
/// database could do if a service cost nothing and did not group.
/// </summary>
internal static partial class PgBench
{
    /// <summary>A database of the same schema as Intake's, on the same server: no relay empties its outbox while it is measured.</summary>
    public const string Database = "pgbenchdb";

    // Ids as Intake makes them: time-ordered for the row and the event, random for the partner's own.
    private static readonly string _script =
        $$"""
        \set partner random(0, {{PrivateStack.Partners - 1}})
        WITH made AS (
            SELECT t.time, (substr(t.hex, 1, 8) || '-' || substr(t.hex, 9, 4) || '-7' || substr(gen_random_uuid()::text, 16))::uuid AS id,
                (substr(t.hex, 1, 8) || '-' || substr(t.hex, 9, 4) || '-7' || substr(gen_random_uuid()::text, 16))::uuid AS event_id
            FROM (SELECT clock_timestamp() AS time, lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') AS hex) AS t
        ), stored AS (
            INSERT INTO requests (id, partner_id, request_id, body_sha256, received_at, kind, subject, text, text_sha256, language, links, cited_statements, criteria, relation,
                urgency_reason, partner_reference, synthetic, state, state_sequence, state_reason, state_detail)
            SELECT id, 'hammer' || lpad(:partner::text, 2, '0'), gen_random_uuid(), decode('{{new string('a', 64)}}', 'hex'), time, 'DELIST', 'subjects/synthetic',
                '{{SubmitLoad.Text.Replace("'", "''", StringComparison.Ordinal)}}', decode('{{new string('b', 64)}}', 'hex'), 'en', ARRAY['https://example.org/a/video/that/is/linked'],
                ARRAY[]::text[], ARRAY['advocacy-of-violence'], 'THIRD_PARTY', '', '2021-01-0001', true, 'RECEIVED', 1, '', ''
            FROM made
            RETURNING id, partner_id, received_at
        ), first_state AS (
            INSERT INTO request_states (request, sequence, state, state_reason, state_detail, changed_at)
            SELECT id, 1, 'RECEIVED', '', '', received_at FROM stored
        )
        INSERT INTO outbox (event_id, urn, aggregate, version, body, traceparent, tracestate)
        SELECT event_id, 'poc.intake.v1.request-received', 'partners/' || partner_id || '/requests/' || stored.id, 1, '{{new string('e', 560)}}', '{{new string('0', 55)}}', NULL
        FROM stored JOIN made USING (id);
        """;

    /// <summary>Why there can be no measurement, or null.</summary>
    public static string? MissingReason() => Find() is null ? "pgbench is not installed (it comes with PostgreSQL's server package)" : null;

    /// <summary>Transactions a second, as many as it can.</summary>
    /// <exception cref="InvalidOperationException">pgbench failed; the message has its output.</exception>
    public static async Task<double> RunAsync(PostgresServer server, int clients, TimeSpan duration, CancellationToken cancellation) =>
        await RunAsync(server, Database, _script, clients, duration, cancellation);

    /// <summary>The same with a script of the caller's own.</summary>
    public static async Task<double> RunAsync(PostgresServer server, string database, string script, int clients, TimeSpan duration, CancellationToken cancellation) =>
        double.Parse(TransactionsPerSecond().Match(await RunAsync(server, database, script, clients, duration, [], cancellation)).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>At a given rate, with times that count from when a transaction was due, as <see cref="SubmitLoad.RunPacedAsync"/> counts them.</summary>
    /// <exception cref="InvalidOperationException">pgbench failed; the message has its output.</exception>
    public static async Task<LoadResult> RunPacedAsync(PostgresServer server, int clients, int rate, TimeSpan duration, CancellationToken cancellation)
    {
        var logs = Directory.CreateTempSubdirectory("poc-hammer-pgbench-");
        try
        {
            await RunAsync(server, Database, _script, clients, SubmitLoad.Lead + duration, ["-R", Text(rate), "-l", $"--log-prefix={Path.Combine(logs.FullName, "log")}"], cancellation);

            // client, number, microseconds since it was due, script, second and microsecond of its end
            var lines = logs.EnumerateFiles().SelectMany(static file => File.ReadLines(file.FullName))
                .Select(static line => line.Split(' ').Select(static field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray())
                .Select(static fields => (Took: fields[2], Due: (fields[4] * 1_000_000) + fields[5] - fields[2])).ToList();
            var from = lines.Min(static line => line.Due) + (long)SubmitLoad.Lead.TotalMicroseconds;
            var all = lines.Where(line => line.Due >= from).Select(static line => line.Took).Order().ToArray();
            return new LoadResult(all.Length / duration.TotalSeconds, TimeSpan.FromMicroseconds(all[all.Length / 2]), TimeSpan.FromMicroseconds(all[(int)(all.Length * 0.99)]), all.Length);
        }
        finally
        {
            logs.Delete(recursive: true);
        }
    }

    private static async Task<string> RunAsync(
        PostgresServer server, string database, string text, int clients, TimeSpan duration, IReadOnlyList<string> more, CancellationToken cancellation)
    {
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(server.ConnectionStringOf(database));
        var script = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"poc-hammer-{Environment.ProcessId}.sql"));
        // pgbench ends a statement at its semicolon; a script file may span lines.
        await File.WriteAllTextAsync(script, text, cancellation);
        try
        {
            var start = new ProcessStartInfo(Find()!) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            foreach (var argument in (string[])["-n", "-M", "prepared", "-c", Text(clients), "-j", Text(Math.Min(clients, 2)), "-T", Text((int)duration.TotalSeconds), "-f", script, .. more,
                "-h", connection.Host!, "-p", Text(connection.Port), "-U", connection.Username!, database])
            {
                start.ArgumentList.Add(argument);
            }

            start.Environment["PGPASSWORD"] = connection.Password;
            using var pgbench = Process.Start(start)!;
            var output = pgbench.StandardOutput.ReadToEndAsync(cancellation);
            var errors = pgbench.StandardError.ReadToEndAsync(cancellation);
            await pgbench.WaitForExitAsync(cancellation);
            return pgbench.ExitCode == 0 && TransactionsPerSecond().IsMatch(await output) ? await output : throw new InvalidOperationException($"pgbench failed: {await errors}{await output}");
        }
        finally
        {
            File.Delete(script);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Find() =>
        PostgresServer.FindBinaries() is { } folder && File.Exists(Path.Combine(folder, "pgbench")) ? Path.Combine(folder, "pgbench") : Programs.Find("pgbench");

    [GeneratedRegex(@"tps = ([0-9.]+) \(without initial connection time\)")]
    private static partial Regex TransactionsPerSecond();
}
