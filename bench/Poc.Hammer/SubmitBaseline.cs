using System.Globalization;
using System.Text;
using Npgsql;

namespace Poc.Hammer;

/// <summary>What to measure.</summary>
internal sealed record SubmitSettings(IReadOnlyList<int> Callers, TimeSpan Duration, int Rounds, FileInfo? Output);

/// <summary>SubmitRequest and pgbench in turns, for each number of callers, and a table of both.</summary>
internal static class SubmitBaseline
{
    // Which transaction made a row is in its xmin.
    private const string Commits = "SELECT count(DISTINCT xmin::text) FROM requests";

    // Long enough for the just-in-time compiler to be done with the service and with this client.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(SubmitSettings settings, Action<string> say, CancellationToken cancellation)
    {
        if (PgBench.MissingReason() is { } missing)
        {
            await Console.Error.WriteLineAsync($"hammer: {missing}");
            return 3;
        }

        await using var stack = await PrivateStack.StartAsync(say, cancellation);
        say("warming up");
        var acknowledged = (await SubmitLoad.RunAsync(stack.Address, stack.ApiKeys, 64, WarmUp, cancellation)).Acknowledged;
        await PgBench.RunAsync(stack.Postgres, 16, TimeSpan.FromSeconds(3), cancellation);

        var lines = new List<Line>();
        foreach (var callers in settings.Callers)
        {
            var rounds = new List<Round>();
            for (var round = 1; round <= settings.Rounds; round++)
            {
                await PrepareAsync(stack, cancellation);
                var commitsBefore = await stack.CountAsync(Commits, cancellation);
                var load = await SubmitLoad.RunAsync(stack.Address, stack.ApiKeys, callers, settings.Duration, cancellation);
                acknowledged += load.Acknowledged;
                var perCommit = load.Acknowledged / (double)(await stack.CountAsync(Commits, cancellation) - commitsBefore);
                await PrepareAsync(stack, cancellation);
                var tps = await PgBench.RunAsync(stack.Postgres, callers, settings.Duration, cancellation);
                rounds.Add(new Round(load, perCommit, tps));
                say(string.Create(CultureInfo.InvariantCulture, $"{callers,4} callers, round {round}: submit {load.PerSecond:0}/s, pgbench {tps:0}/s"));
            }

            lines.Add(Line.Of(callers, rounds));
        }

        var stored = await stack.CountAsync("SELECT count(*) FROM requests", cancellation);
        var report = await ReportAsync(stack, settings, lines, acknowledged, stored, cancellation);
        say($"written to {await ResultsPage.WriteAsync(report, settings.Output, "submit-baseline.md", cancellation)}");
        if (stored == acknowledged)
        {
            return 0;
        }

        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"hammer: {acknowledged} submissions were acknowledged and {stored} are stored"));
        return 1;
    }

    // Both sides begin alike: nothing left to publish, nothing left to write back, and no backlog of pgbench's own rows that nobody relays.
    private static async Task PrepareAsync(PrivateStack stack, CancellationToken cancellation)
    {
        await stack.WaitUntilPublishedAsync(cancellation);
        await using var connection = new NpgsqlConnection(stack.Postgres.ConnectionStringOf(PgBench.Database));
        await connection.OpenAsync(cancellation);
        foreach (var sql in (string[])["TRUNCATE outbox", "CHECKPOINT"])
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    private static async Task<string> ReportAsync(PrivateStack stack, SubmitSettings settings, IReadOnlyList<Line> lines, long acknowledged, long stored, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        text.AppendLine("# SubmitRequest beside pgbench").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Made by `dotnet run -c {ResultsPage.Configuration} --project bench/Poc.Hammer -- submit --callers {string.Join(',', settings.Callers)} --seconds {settings.Duration.TotalSeconds:0} --rounds {settings.Rounds}`.").AppendLine();
        text.AppendLine("| callers | submit/s | p50 ms | p99 ms | a commit | pgbench tps | ratio |").AppendLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var line in lines)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {line.Callers} | {line.PerSecond:0} | {line.P50.TotalMilliseconds:0.0} | {line.P99.TotalMilliseconds:0.0} | {line.PerCommit:0.0} | {line.Tps:0} | {line.Ratio:0.00} |");
        }

        text.AppendLine().AppendLine("Each figure is the median of the rounds; service and pgbench took turns. The column \"a commit\" says how many submissions Intake stored in one transaction; pgbench stores one. Ratios carry over to other machines, figures do not.").AppendLine();
        text.Append(await ResultsPage.SurroundingsAsync(stack, cancellation));
        text.AppendLine(CultureInfo.InvariantCulture, $"- Service: one process, {ResultsPage.Configuration} build, outbox relay to RabbitMQ running during its measurement; {PrivateStack.Partners} partners");
        text.AppendLine(CultureInfo.InvariantCulture, $"- pgbench: prepared statements, one statement for request, first state and outbox row, the same columns and sizes, the same indexes and triggers, a database of its own on the same server");
        text.AppendLine(CultureInfo.InvariantCulture, $"- Checked afterwards: {acknowledged} submissions acknowledged, {stored} stored");
        return text.ToString();
    }

    private sealed record Round(LoadResult Load, double PerCommit, double Tps);

    private sealed record Line(int Callers, double PerSecond, TimeSpan P50, TimeSpan P99, double PerCommit, double Tps, double Ratio)
    {
        public static Line Of(int callers, IReadOnlyList<Round> rounds) => new(
            callers,
            ResultsPage.Median(rounds.Select(static round => round.Load.PerSecond)),
            TimeSpan.FromTicks((long)ResultsPage.Median(rounds.Select(static round => (double)round.Load.P50.Ticks))),
            TimeSpan.FromTicks((long)ResultsPage.Median(rounds.Select(static round => (double)round.Load.P99.Ticks))),
            ResultsPage.Median(rounds.Select(static round => round.PerCommit)),
            ResultsPage.Median(rounds.Select(static round => round.Tps)),
            ResultsPage.Median(rounds.Select(static round => round.Load.PerSecond / round.Tps)));
    }
}
