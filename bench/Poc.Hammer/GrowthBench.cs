using System.Globalization;
using System.Text;
using Npgsql;

namespace Poc.Hammer;

/// <summary>What to measure.</summary>
internal sealed record GrowthSettings(int Stored, int Callers, TimeSpan Duration, int Rounds, FileInfo? Output);

/// <summary>Whether SubmitRequest stays as fast when very many requests are stored: the same load before and after they are put there.</summary>
internal static class GrowthBench
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    // Filings of the past year, each by one of the partners and answered long ago: the shape of the load's own rows, with ids in the order of time.
    private const string Store =
        """
        WITH made AS (
            SELECT n, time, (substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-7' || substr(gen_random_uuid()::text, 16))::uuid AS id
            FROM (
                SELECT n, time, lpad(to_hex((extract(epoch FROM time) * 1000)::bigint), 12, '0') AS hex
                FROM (SELECT n, now() - interval '366 days' + interval '360 days' * n / $1::double precision AS time FROM generate_series($2::int, $3::int) AS n) AS timed
            ) AS numbered
        ), stored AS (
            INSERT INTO requests (id, partner_id, request_id, body_sha256, received_at, kind, subject, text, text_sha256, language, links, cited_statements, criteria, relation,
                urgency_reason, partner_reference, synthetic, state, state_sequence, state_reason, state_detail, dossier, decision, outcome, answered_at)
            SELECT id, 'hammer' || lpad((n % 16)::text, 2, '0'), gen_random_uuid(), sha256(id::text::bytea), time, 'DELIST', 'subjects/synthetic', n || ' ' || $4, sha256(n::text::bytea), 'en',
                ARRAY['https://example.org/a/video/that/is/linked'], ARRAY[]::text[], ARRAY['advocacy-of-violence'], 'THIRD_PARTY', '', '2021-01-0001', true, 'ANSWERED', 2, '', '',
                'dossiers/' || n % 1000, 'decisions/' || n % 1000, 'LABEL_KEPT', time
            FROM made
            RETURNING id, received_at
        )
        INSERT INTO request_states (request, sequence, state, state_reason, state_detail, changed_at)
        SELECT id, sequence, CASE sequence WHEN 1 THEN 'RECEIVED' ELSE 'ANSWERED' END, '', '', received_at FROM stored CROSS JOIN generate_series(1, 2) AS sequence
        """;

    private const int Portion = 50_000;

    public static async Task<int> RunAsync(GrowthSettings settings, Action<string> say, CancellationToken cancellation)
    {
        await using var stack = await PrivateStack.StartAsync(say, cancellation);
        say("warming up");
        await SubmitLoad.RunAsync(stack.Address, stack.ApiKeys, settings.Callers, WarmUp, cancellation);
        var before = await MeasureAsync(stack, settings, say, cancellation);
        await StoreAsync(stack, settings.Stored, say, cancellation);
        await SubmitLoad.RunAsync(stack.Address, stack.ApiKeys, settings.Callers, TimeSpan.FromSeconds(3), cancellation);
        var after = await MeasureAsync(stack, settings, say, cancellation);

        var text = new StringBuilder();
        text.AppendLine("# SubmitRequest with many requests stored").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Made by `dotnet run -c {ResultsPage.Configuration} --project bench/Poc.Hammer -- growth --stored {settings.Stored} --callers {settings.Callers} --seconds {settings.Duration.TotalSeconds:0} --rounds {settings.Rounds}`.").AppendLine();
        text.AppendLine("| stored when it began | submit/s | p50 ms | p99 ms |").AppendLine("| ---: | ---: | ---: | ---: |");
        text.AppendLine(before.Row).AppendLine(after.Row).AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Ratio of the two: {after.PerSecond / before.PerSecond:0.00}. Each figure is the median of the rounds, in one process that was not restarted between them.").AppendLine();
        text.Append(await ResultsPage.SurroundingsAsync(stack, cancellation));
        say($"written to {await ResultsPage.WriteAsync(text.ToString(), settings.Output, "submit-growth.md", cancellation)}");
        return 0;
    }

    private static async Task<Measured> MeasureAsync(PrivateStack stack, GrowthSettings settings, Action<string> say, CancellationToken cancellation)
    {
        var stored = await stack.CountAsync("SELECT count(*) FROM requests", cancellation);
        var rounds = new List<LoadResult>();
        for (var round = 1; round <= settings.Rounds; round++)
        {
            await stack.WaitUntilPublishedAsync(cancellation);
            await ExecuteAsync(stack, "CHECKPOINT", [], cancellation);
            rounds.Add(await SubmitLoad.RunAsync(stack.Address, stack.ApiKeys, settings.Callers, settings.Duration, cancellation));
            say(string.Create(CultureInfo.InvariantCulture, $"{stored,9} stored, round {round}: submit {rounds[^1].PerSecond:0}/s"));
        }

        return new(stored, ResultsPage.Median(rounds.Select(static round => round.PerSecond)), ResultsPage.Median(rounds.Select(static round => round.P50.TotalMilliseconds)), ResultsPage.Median(rounds.Select(static round => round.P99.TotalMilliseconds)));
    }

    private static async Task StoreAsync(PrivateStack stack, int count, Action<string> say, CancellationToken cancellation)
    {
        for (var from = 1; from <= count; from += Portion)
        {
            var to = Math.Min(count, from + Portion - 1);
            await ExecuteAsync(stack, Store, [(double)count, from, to, SubmitLoad.Text], cancellation);
            say(string.Create(CultureInfo.InvariantCulture, $"put {to} of {count} requests there"));
        }

        // What autovacuum would have done in the months that these rows pretend to have taken.
        await ExecuteAsync(stack, "VACUUM ANALYZE", [], cancellation);
    }

    private static async Task ExecuteAsync(PrivateStack stack, string sql, IReadOnlyList<object> values, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(stack.Postgres.ConnectionStringOf("intakedb"));
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync(cancellation);
    }

    private sealed record Measured(long Stored, double PerSecond, double P50, double P99)
    {
        public string Row => string.Create(CultureInfo.InvariantCulture, $"| {Stored} | {PerSecond:0} | {P50:0.0} | {P99:0.0} |");
    }
}
