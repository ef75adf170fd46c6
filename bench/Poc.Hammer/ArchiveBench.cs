using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Grpc;

namespace Poc.Hammer;

/// <summary>What to measure.</summary>
internal sealed record ArchiveSettings(int Entries, TimeSpan Duration, int Rounds, FileInfo? Output);

/// <summary>The archive's figures, each beside what the machine can do in the same run: an fsync, a commit, pgbench with the same rows.</summary>
internal static class ArchiveBench
{
    private const int Callers = 32;
    private const string Subjects = "subjects/bench";

    // The rows that a statement of SubmitLoad.Text becomes, of the same sizes and under the same indexes. The log's own index comes from a sequence here: the trigger that lets
    // one transaction at a time append would hold pgbench back, and this is what the database could do without a log.
    private static readonly string _script =
        $$"""
        WITH made AS (SELECT gen_random_uuid() AS id, gen_random_uuid() AS entry_id, gen_random_uuid() AS event_id, clock_timestamp() AS at, nextval('bench_index') AS index), entry AS (
            INSERT INTO log_entries (index, entry_id, object_id, kind, body) SELECT index, entry_id, id, 'statement', decode('{{new string('a', 2 * 480)}}', 'hex') FROM made
        ), kept AS (
            INSERT INTO writes (caller, request_id, method, body_sha256, response, object_id)
            SELECT 'staff/bench', entry_id, 'poc.statement_archive.v1.RecordStatementRequest', decode('{{new string('b', 64)}}', 'hex'), decode('{{new string('c', 140)}}', 'hex'), id FROM made
        ), event AS (
            INSERT INTO outbox (event_id, urn, aggregate, version, body, traceparent, tracestate)
            SELECT event_id, 'poc.statement-archive.v1.statement-recorded', 'subjects/bench/statements/' || id, 1, '{{new string('e', 330)}}', '{{new string('0', 55)}}', NULL FROM made
        )
        INSERT INTO statements (statement_id, name, subject, sealed, entry_id, captured_at)
        SELECT id, 'subjects/bench/statements/' || id, 'subjects/bench', decode('{{new string('d', 2 * (SubmitLoad.Text.Length + 400))}}', 'hex'), entry_id, at FROM made;
        """;

    // As canonical JSON of a statement's entry is, with ids that differ.
    private const string SeedSql = """
        WITH made AS (
            SELECT i, gen_random_uuid() AS entry_id, gen_random_uuid() AS id FROM generate_series($1::bigint, $2::bigint - 1) AS i
        )
        INSERT INTO log_entries (index, entry_id, object_id, kind, body)
        SELECT i, entry_id, id, 'annotation', convert_to('{"actor":"00000000-0000-0000-0000-000000000000","at":"2021-01-01T00:00:00.000000Z","id":"' || entry_id || '","kind":"annotation","object":"' || id
            || '","record_commitment":"' || encode(sha256(convert_to(i::text, 'UTF8')), 'hex') || '","v":1}', 'UTF8') FROM made
        """;

    public static async Task<int> RunAsync(ArchiveSettings settings, Action<string> say, CancellationToken cancellation)
    {
        if (PgBench.MissingReason() is { } missing)
        {
            await Console.Error.WriteLineAsync($"hammer: {missing}");
            return 3;
        }

        await using var stack = await ArchiveStack.StartAsync(say, cancellation);
        using var channel = GrpcChannel.ForAddress(stack.Address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true } });
        var client = new StatementArchiveService.StatementArchiveServiceClient(channel);
        var archivist = Headers(stack.Token(Roles.Archivist));
        await PreparePgBenchAsync(stack, cancellation);
        say("warming up");
        var acknowledged = (await AppendAsync(client, archivist, Callers, TimeSpan.FromSeconds(15))).Count;
        await PgBench.RunAsync(stack.Postgres, PgBench.Database, _script, Callers, TimeSpan.FromSeconds(3), cancellation);

        var rounds = new List<Round>();
        for (var number = 1; number <= settings.Rounds; number++)
        {
            await SettleAsync(stack, cancellation);
            var fsync = Fsync();
            var commit = await CommitAsync(stack, cancellation);
            var one = await AppendAsync(client, archivist, 1, settings.Duration);
            await SettleAsync(stack, cancellation);
            var many = await AppendAsync(client, archivist, Callers, settings.Duration);
            acknowledged += one.Count + many.Count;
            await SettleAsync(stack, cancellation);
            var tps = await PgBench.RunAsync(stack.Postgres, PgBench.Database, _script, Callers, settings.Duration, cancellation);
            var (signed, count) = await UntilSignedAsync(client, archivist, settings.Duration);
            acknowledged += count;
            rounds.Add(new Round(
                fsync.TotalMilliseconds, commit.TotalMilliseconds, Percentile(one, 50), Percentile(one, 99), many.Count / settings.Duration.TotalSeconds, Percentile(many, 99), tps,
                Percentile(signed, 99)));
            say(string.Create(CultureInfo.InvariantCulture, $"round {number}: {rounds[^1]}"));
        }

        var stored = (long)await stack.NumberAsync("SELECT count(*) FROM statements", cancellation);
        var bodyBytes = await stack.NumberAsync("SELECT avg(octet_length(body)) FROM log_entries WHERE kind = 'statement'", cancellation);
        var proofs = await ProofsAsync(stack, client, settings, say, cancellation);
        var report = await ReportAsync(stack, settings, rounds, proofs, bodyBytes, acknowledged, stored, cancellation);
        say($"written to {await ResultsPage.WriteAsync(report, settings.Output, "archive.md", cancellation)}");
        if (stored == acknowledged)
        {
            return 0;
        }

        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"hammer: {acknowledged} statements were acknowledged and {stored} are stored"));
        return 1;
    }

    private static Task PreparePgBenchAsync(ArchiveStack stack, CancellationToken cancellation) => stack.ExecuteAsync(
        PgBench.Database, cancellation, "DROP TRIGGER tr_log_entries_sequence ON log_entries", "CREATE SEQUENCE bench_index CACHE 1000");

    // Nothing left to publish, to sign or to write back when the next turn begins.
    private static async Task SettleAsync(ArchiveStack stack, CancellationToken cancellation)
    {
        while (await stack.NumberAsync("SELECT (SELECT count(*) FROM outbox) + (SELECT size FROM log_head) - (SELECT max(size) FROM log_checkpoints)", cancellation) > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellation);
        }

        await stack.ExecuteAsync(PgBench.Database, cancellation, "TRUNCATE outbox", "CHECKPOINT");
    }

    /// <summary>Times of so many callers that each send their next statement once they have an answer.</summary>
    private static async Task<IReadOnlyList<TimeSpan>> AppendAsync(StatementArchiveService.StatementArchiveServiceClient client, Metadata headers, int callers, TimeSpan duration)
    {
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var taken = new List<TimeSpan>();
            while (Stopwatch.GetTimestamp() < end)
            {
                var start = Stopwatch.GetTimestamp();
                await client.RecordStatementAsync(Request(caller), headers);
                taken.Add(Stopwatch.GetElapsedTime(start));
            }

            return taken;
        })));
        return [.. times.SelectMany(static taken => taken)];
    }

    /// <summary>From a statement's call to a proof that leads to a signed checkpoint, while others append.</summary>
    private static async Task<(IReadOnlyList<TimeSpan> Times, int Count)> UntilSignedAsync(StatementArchiveService.StatementArchiveServiceClient client, Metadata headers, TimeSpan duration)
    {
        var others = AppendAsync(client, headers, 8, duration);
        var times = new List<TimeSpan>();
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            while (Stopwatch.GetTimestamp() < end)
            {
                var start = Stopwatch.GetTimestamp();
                var index = (await client.RecordStatementAsync(Request(caller), headers)).Statement.LogIndex;
                await client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = index });
                var taken = Stopwatch.GetElapsedTime(start);
                lock (times)
                {
                    times.Add(taken);
                }
            }
        })));
        return (times, times.Count + (await others).Count);
    }

    /// <summary>Proofs of a large log over gRPC, and the whole of it verified offline from a folder.</summary>
    private static async Task<Proofs> ProofsAsync(
        ArchiveStack stack, StatementArchiveService.StatementArchiveServiceClient client, ArchiveSettings settings, Action<string> say, CancellationToken cancellation)
    {
        say($"making a log of {settings.Entries} entries");
        await SettleAsync(stack, cancellation);
        const int batch = 50_000;
        for (var from = (long)await stack.NumberAsync("SELECT size FROM log_head", cancellation); from < settings.Entries; from += batch)
        {
            await using var connection = new NpgsqlConnection(stack.Postgres.ConnectionStringOf(ArchiveStack.Database));
            await connection.OpenAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            foreach (var (sql, values) in ((string, object[])[])
            [
                ("SELECT size FROM log_head FOR UPDATE", []),
                ("SET LOCAL session_replication_role = replica", []), // the trigger would give the indices one by one
                (SeedSql, [from, Math.Min(settings.Entries, from + batch)]),
                ("UPDATE log_head SET size = $1", [Math.Min(settings.Entries, from + batch)]),
            ])
            {
                await using var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = 600 };
                foreach (var value in values)
                {
                    command.Parameters.Add(new NpgsqlParameter { Value = Convert.ToInt64(value, CultureInfo.InvariantCulture) });
                }

                await command.ExecuteNonQueryAsync(cancellation);
            }

            await transaction.CommitAsync(cancellation);
        }

        await SettleAsync(stack, cancellation);
        var size = (long)await stack.NumberAsync("SELECT size FROM log_head", cancellation);
        await stack.ExecuteAsync(ArchiveStack.Database, cancellation, "VACUUM ANALYZE log_nodes", "VACUUM ANALYZE log_entries");
        say("proofs");
        var (warm, times) = (await ProveAsync(client, size, 2_000), await ProveAsync(client, size, 20_000));
        _ = warm;
        var nodeBytes = await stack.NumberAsync("SELECT pg_total_relation_size('log_nodes') + pg_total_relation_size('log_entries') - (SELECT sum(octet_length(body)) FROM log_entries)", cancellation) / size;

        say("fetching the log's tiles");
        var folder = Path.Combine(ArchiveStack.Folder, "tiles");
        var fetched = await FetchAsync(stack, size, folder, cancellation);
        say("verifying them offline");
        var key = (await client.GetCheckpointAsync(new GetCheckpointRequest(), cancellationToken: cancellation)).VerifierKey;
        var (took, core) = await VerifyAsync(folder, key, cancellation);
        return new Proofs(size, Percentile(times, 50), Percentile(times, 99), fetched, size / took.TotalSeconds, size / core.TotalSeconds, nodeBytes);
    }

    /// <summary>How long poc-verify takes, by the clock and of processor time, its start included.</summary>
    private static async Task<(TimeSpan Took, TimeSpan Core)> VerifyAsync(string folder, string key, CancellationToken cancellation)
    {
        var program = typeof(ArchiveBench).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "VerifyProgram").Value!;
        var start = Stopwatch.GetTimestamp();
        var before = ChildrenTime();
        using var verify = Process.Start(new ProcessStartInfo("dotnet", [program, "log", folder, "--key", key]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (verify.StandardOutput.ReadToEndAsync(cancellation), verify.StandardError.ReadToEndAsync(cancellation));
        await verify.WaitForExitAsync(cancellation);
        return verify.ExitCode == 0
            ? (Stopwatch.GetElapsedTime(start), ChildrenTime() - before)
            : throw new InvalidOperationException($"poc-verify ended with {verify.ExitCode}: {await output}{await errors}");
    }

    // Of ended children, which is what Linux keeps of them: user and system time in hundredths of a second, fields 16 and 17 of proc(5).
    private static TimeSpan ChildrenTime()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)) / 100.0);
    }

    // As one caller sees them.
    private static async Task<IReadOnlyList<TimeSpan>> ProveAsync(StatementArchiveService.StatementArchiveServiceClient client, long size, int count)
    {
        var random = new Random(count);
        var times = new List<TimeSpan>(count);
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = random.NextInt64(size) });
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        return times;
    }

    private static async Task<long> FetchAsync(ArchiveStack stack, long size, string folder, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = new Uri(stack.WebAddress + "/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", stack.Token(Roles.Auditor));
        var bytes = 0L;
        var checkpoint = await GetAsync("checkpoint");
        var signed = long.Parse(Encoding.UTF8.GetString(checkpoint).Split('\n')[1], CultureInfo.InvariantCulture);
        Trace.Assert(signed == size, "The log grew meanwhile.");
        for (var level = 0; size >> (8 * level) > 0; level++)
        {
            var (count, kinds) = (size >> (8 * level), level == 0 ? (string[])["0", "entries"] : [level.ToString(CultureInfo.InvariantCulture)]);
            foreach (var kind in kinds)
            {
                for (var tile = 0L; tile < (count + 255) / 256; tile++)
                {
                    var width = Math.Min(256, count - (tile * 256));
                    await GetAsync($"tile/{kind}/{Index(tile)}{(width == 256 ? "" : string.Create(CultureInfo.InvariantCulture, $".p/{width}"))}");
                }
            }
        }

        return bytes;

        async Task<byte[]> GetAsync(string path)
        {
            var content = await http.GetByteArrayAsync(new Uri(path, UriKind.Relative), cancellation);
            var file = Path.Combine(folder, path.Replace('/', Path.DirectorySeparatorChar));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, content, cancellation);
            bytes += content.Length;
            return content;
        }
    }

    // C2SP tlog-tiles: groups of three digits, all but the last with an x before them.
    private static string Index(long tile)
    {
        var text = tile.ToString("000", CultureInfo.InvariantCulture);
        text = text.PadLeft((text.Length + 2) / 3 * 3, '0');
        var groups = text.Chunk(3).Select(static group => new string(group)).ToArray();
        return string.Join('/', groups.Select((group, place) => place < groups.Length - 1 ? $"x{group}" : group));
    }

    private static TimeSpan Fsync()
    {
        var times = new List<TimeSpan>();
        using var file = new FileStream(Path.Combine(ArchiveStack.Folder, "fsync"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[8_192];
        for (var i = 0; i < 300; i++)
        {
            file.Position = 0;
            var start = Stopwatch.GetTimestamp();
            file.Write(page);
            file.Flush(flushToDisk: true);
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        return TimeSpan.FromMilliseconds(Percentile(times, 50));
    }

    private static async Task<TimeSpan> CommitAsync(ArchiveStack stack, CancellationToken cancellation)
    {
        await stack.ExecuteAsync(PgBench.Database, cancellation, "CREATE TABLE IF NOT EXISTS bench_commits (at timestamptz)");
        await using var connection = new NpgsqlConnection(stack.Postgres.ConnectionStringOf(PgBench.Database));
        await connection.OpenAsync(cancellation);
        var times = new List<TimeSpan>();
        for (var i = 0; i < 1_000; i++)
        {
            await using var command = new NpgsqlCommand("INSERT INTO bench_commits VALUES (now())", connection);
            var start = Stopwatch.GetTimestamp();
            await command.ExecuteNonQueryAsync(cancellation);
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        return TimeSpan.FromMilliseconds(Percentile(times, 50));
    }

    /// <summary>A statement that there is no other like.</summary>
    public static RecordStatementRequest Request(int caller)
    {
        var id = Guid.NewGuid();
        return new RecordStatementRequest
        {
            RequestId = id.ToString(),
            Parent = string.Create(CultureInfo.InvariantCulture, $"{Subjects}-{caller}"),
            StatementId = id.ToString("N"),
            Statement = new Statement
            {
                Speaker = "speaker-handle",
                ContentKind = ContentKind.Description,
                Text = $"{SubmitLoad.Text} {id}",
                Language = "en",
                Uttered = new UncertainDate { Earliest = "2007-09-01", Precision = DatePrecision.Month, Confidence = Confidence.Low },
                SourceUrl = "https://example.org/a/video/that/is/linked",
                Synthetic = true,
            },
        };
    }

    private static Metadata Headers(string token) => new() { { "authorization", $"Bearer {token}" } };

    private static double Percentile(IReadOnlyList<TimeSpan> times, int percent)
        => times.Order().ElementAt(Math.Min(times.Count - 1, times.Count * percent / 100)).TotalMilliseconds;

    private static async Task<string> ReportAsync(
        ArchiveStack stack, ArchiveSettings settings, IReadOnlyList<Round> rounds, Proofs proofs, double bodyBytes, long acknowledged, long stored, CancellationToken cancellation)
    {
        double Median(Func<Round, double> of) => ResultsPage.Median(rounds.Select(of));
        var text = new StringBuilder();
        text.AppendLine("# The archive beside fsync, commits and pgbench").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Made by `dotnet run -c {ResultsPage.Configuration} --project bench/Poc.Hammer -- archive --entries {settings.Entries} --seconds {settings.Duration.TotalSeconds:0} --rounds {settings.Rounds}`.").AppendLine();
        text.AppendLine("| what | figure | beside it | ratio | aim |").AppendLine("| --- | ---: | ---: | ---: | ---: |");
        Row($"RecordStatement, 1 caller, p50", $"{Median(static round => round.One):0.00} ms", $"{Median(static round => round.Commit):0.00} ms one commit", $"{Median(static round => round.One / round.Commit):0.00}", "≤ 2");
        Row($"the same, p99", $"{Median(static round => round.OneP99):0.00} ms", $"{Median(static round => round.Fsync):0.00} ms fsync, p50", $"", "");
        Row($"RecordStatement, {Callers} callers", $"{Median(static round => round.Many):0}/s, p99 {Median(static round => round.ManyP99):0.0} ms", $"{Median(static round => round.Tps):0}/s pgbench", $"{Median(static round => round.Many / round.Tps):0.00}", "≥ 0.6");
        Row($"from the call to a proof under a signed checkpoint, 16 callers, p99", $"{Median(static round => round.Signed):0} ms", $"", $"", "≤ 1,500 ms");
        Row($"GetInclusionProof among {proofs.Size} entries, warm", $"p50 {proofs.P50:0.00} ms, p99 {proofs.P99:0.00} ms", $"", $"", "p99 ≤ 5 ms");
        Row($"poc-verify log, {proofs.Size} entries from a folder", $"{proofs.VerifiedPerSecond:0}/s", $"{proofs.VerifiedPerCoreSecond:0}/s for each second of processor time", $"", "≥ 100,000/s a core");
        Row($"an entry of a statement", $"{bodyBytes:0} bytes", $"{proofs.NodeBytes:0} bytes for it in tables and indexes of the log beyond that", $"", "≤ 300 bytes");
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"Median of {rounds.Count} rounds; service, pgbench and plain commits took turns. Each statement is a text of {SubmitLoad.Text.Length} characters with its record, sealed under a key of its own. pgbench stores the same rows, of the same sizes and under the same indexes, one commit each, with {Callers} clients; its log index comes from a sequence, so that no transaction waits for another. Ratios carry over to other machines, figures do not.").AppendLine();
        text.Append(await ResultsPage.SurroundingsAsync(stack.Postgres, cancellation));
        text.AppendLine(CultureInfo.InvariantCulture, $"- Service: one process, {ResultsPage.Configuration} build, outbox relay, tree, checkpoints every 250 ms; key store on the same server");
        text.AppendLine(CultureInfo.InvariantCulture, $"- Checked afterwards: {acknowledged} statements acknowledged, {stored} stored; {proofs.FetchedBytes / 1_048_576.0:0} MiB of tiles and entries fetched and verified");
        return text.ToString();

        void Row(FormattableString what, FormattableString figure, FormattableString beside, FormattableString ratio, string aim)
            => text.AppendLine($"| {Text(what)} | {Text(figure)} | {Text(beside)} | {Text(ratio)} | {aim} |");

        static string Text(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
    }

    private sealed record Round(double Fsync, double Commit, double One, double OneP99, double Many, double ManyP99, double Tps, double Signed);

    private sealed record Proofs(long Size, double P50, double P99, long FetchedBytes, double VerifiedPerSecond, double VerifiedPerCoreSecond, double NodeBytes);
}
