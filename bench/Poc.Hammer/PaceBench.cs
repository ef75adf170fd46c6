using System.Globalization;
using System.Text;

namespace Poc.Hammer;

/// <summary>What to measure.</summary>
internal sealed record PaceSettings(int Rate, int Callers, TimeSpan Duration, int Rounds, FileInfo? Output);

/// <summary>How long an answer takes at a rate that the service can keep, not at its limit, beside pgbench storing the same rows at the same rate: letters that differ, sent when they are due and not when there is time for them.</summary>
internal static class PaceBench
{
    public static async Task<int> RunAsync(PaceSettings settings, Action<string> say, CancellationToken cancellation)
    {
        await using var stack = await PrivateStack.StartAsync(say, cancellation);
        var letters = Letters().GetEnumerator();
        say("warming up");
        await SubmitAsync(TimeSpan.FromSeconds(15));
        await PgBench.RunPacedAsync(stack.Postgres, settings.Callers, settings.Rate, TimeSpan.FromSeconds(3), cancellation);
        var (service, database, behind, counted) = (new List<LoadResult>(), new List<LoadResult>(), 0L, TimeSpan.Zero);
        for (var round = 1; round <= settings.Rounds; round++)
        {
            await stack.WaitUntilPublishedAsync(cancellation);
            await stack.WaitUntilCountedAsync(cancellation);
            service.Add(await SubmitAsync(settings.Duration));
            behind = Math.Max(behind, await stack.UncountedAsync(cancellation));
            counted = TimeSpan.FromTicks(Math.Max(counted.Ticks, (await stack.WaitUntilCountedAsync(cancellation)).Ticks));
            database.Add(await PgBench.RunPacedAsync(stack.Postgres, settings.Callers, settings.Rate, settings.Duration, cancellation));
            say(string.Create(CultureInfo.InvariantCulture, $"round {round}: service {service[^1].PerSecond:0}/s, p50 {service[^1].P50.TotalMilliseconds:0.0} ms, p99 {service[^1].P99.TotalMilliseconds:0.0} ms; pgbench {database[^1].PerSecond:0}/s, p50 {database[^1].P50.TotalMilliseconds:0.0} ms, p99 {database[^1].P99.TotalMilliseconds:0.0} ms"));
        }

        var text = new StringBuilder();
        text.AppendLine("# SubmitRequest at a steady rate").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Made by `dotnet run -c {ResultsPage.Configuration} --project bench/Poc.Hammer -- pace --rate {settings.Rate} --callers {settings.Callers} --seconds {settings.Duration.TotalSeconds:0} --rounds {settings.Rounds}`.").AppendLine();
        text.AppendLine("| at the same rate | done /s | p50 ms | p99 ms |").AppendLine("| --- | ---: | ---: | ---: |");
        text.AppendLine(Row("SubmitRequest", service)).AppendLine(Row("pgbench", database));
        text.AppendLine(CultureInfo.InvariantCulture, $"| ratio | | {Median(service, static round => round.P50.TotalMilliseconds) / Median(database, static round => round.P50.TotalMilliseconds):0.00} | {Median(service, static round => round.P99.TotalMilliseconds) / Median(database, static round => round.P99.TotalMilliseconds):0.00} |").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Asked for: {settings.Rate} a second. Median of the rounds, in which service and pgbench took turns; a time counts from when its submission was due, so that a stall is seen by all that it delays. The first second does not count. No letter is sent twice; {settings.Callers} calls at once at most.").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"- At the end of a round at most {behind} requests were stored and not yet counted among campaigns; {counted.TotalSeconds:0.0} s later all were, their fingerprints stored");
        text.Append(await ResultsPage.SurroundingsAsync(stack, cancellation));
        say($"written to {await ResultsPage.WriteAsync(text.ToString(), settings.Output, "submit-pace.md", cancellation)}");
        return 0;

        Task<LoadResult> SubmitAsync(TimeSpan duration)
        {
            var texts = new List<string>();
            while (texts.Count < settings.Rate * (SubmitLoad.Lead + duration).TotalSeconds && letters.MoveNext())
            {
                texts.Add(letters.Current);
            }

            return SubmitLoad.RunPacedAsync(stack.Address, stack.ApiKeys, texts, settings.Callers, settings.Rate, duration, cancellation);
        }

        static double Median(List<LoadResult> rounds, Func<LoadResult, double> of) => ResultsPage.Median(rounds.Select(of));

        static string Row(string name, List<LoadResult> rounds) => string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {Median(rounds, static round => round.PerSecond):0} | {Median(rounds, static round => round.P50.TotalMilliseconds):0.0} | {Median(rounds, static round => round.P99.TotalMilliseconds):0.0} |");
    }

    // Invented letters of thirty to three hundred words out of a vocabulary of four thousand: like organic ones, no two are alike.
    private static IEnumerable<string> Letters()
    {
        var random = new Random(1);
        var vocabulary = Enumerable.Range(0, 4_000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 5)).Select(_ => $"{"bdfgklmnprstvz"[random.Next(14)]}{"aeiou"[random.Next(5)]}"))).ToArray();
        while (true)
        {
            yield return string.Join(' ', Enumerable.Range(0, random.Next(30, 300)).Select(_ => vocabulary[random.Next(vocabulary.Length)]));
        }
    }
}
