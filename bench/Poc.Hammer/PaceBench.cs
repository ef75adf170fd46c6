using System.Globalization;
using System.Text;

namespace Poc.Hammer;

/// <summary>What to measure.</summary>
internal sealed record PaceSettings(int Rate, int Callers, TimeSpan Duration, int Rounds, FileInfo? Output);

/// <summary>How long an answer takes at a rate that the service can keep, not at its limit: letters that differ, sent when they are due and not when there is time for them.</summary>
internal static class PaceBench
{
    private const int Letters = 5_000;

    public static async Task<int> RunAsync(PaceSettings settings, Action<string> say, CancellationToken cancellation)
    {
        await using var stack = await PrivateStack.StartAsync(say, cancellation);
        var texts = Texts();
        say("warming up");
        await SubmitLoad.RunPacedAsync(stack.Address, stack.ApiKeys, texts, settings.Callers, settings.Rate, TimeSpan.FromSeconds(15), cancellation);
        var rounds = new List<LoadResult>();
        for (var round = 1; round <= settings.Rounds; round++)
        {
            await stack.WaitUntilPublishedAsync(cancellation);
            rounds.Add(await SubmitLoad.RunPacedAsync(stack.Address, stack.ApiKeys, texts, settings.Callers, settings.Rate, settings.Duration, cancellation));
            say(string.Create(CultureInfo.InvariantCulture, $"round {round}: {rounds[^1].PerSecond:0}/s, p50 {rounds[^1].P50.TotalMilliseconds:0.0} ms, p99 {rounds[^1].P99.TotalMilliseconds:0.0} ms"));
        }

        var text = new StringBuilder();
        text.AppendLine("# SubmitRequest at a steady rate").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Made by `dotnet run -c {ResultsPage.Configuration} --project bench/Poc.Hammer -- pace --rate {settings.Rate} --callers {settings.Callers} --seconds {settings.Duration.TotalSeconds:0} --rounds {settings.Rounds}`.").AppendLine();
        text.AppendLine("| asked for /s | done /s | p50 ms | p99 ms |").AppendLine("| ---: | ---: | ---: | ---: |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| {settings.Rate} | {Median(static round => round.PerSecond):0} | {Median(static round => round.P50.TotalMilliseconds):0.0} | {Median(static round => round.P99.TotalMilliseconds):0.0} |").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Median of the rounds; a submission's time counts from when it was due. {Letters} different letters, {settings.Callers} calls at once at most.").AppendLine();
        text.Append(await ResultsPage.SurroundingsAsync(stack, cancellation));
        say($"written to {await ResultsPage.WriteAsync(text.ToString(), settings.Output, "submit-pace.md", cancellation)}");
        return 0;

        double Median(Func<LoadResult, double> of) => ResultsPage.Median(rounds.Select(of));
    }

    // Invented letters of one to three hundred words out of a vocabulary of four thousand: like organic ones, no two are alike.
    private static List<string> Texts()
    {
        var random = new Random(1);
        var vocabulary = Enumerable.Range(0, 4_000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 5)).Select(_ => $"{"bdfgklmnprstvz"[random.Next(14)]}{"aeiou"[random.Next(5)]}"))).ToArray();
        return [.. Enumerable.Range(0, Letters).Select(_ => string.Join(' ', Enumerable.Range(0, random.Next(30, 300)).Select(_ => vocabulary[random.Next(vocabulary.Length)])))];
    }
}
