using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Review.V1;
using Poc.Contracts.Type.V1;

namespace Poc.Review.Tests;

/// <summary>Things to send.</summary>
internal static class Some
{
    private static int _numbers;

    public static string RequestId() => Guid.CreateVersion7().ToString("D");

    public static string Id(string stem) => $"{stem}-{Interlocked.Increment(ref _numbers)}";

    /// <summary>What Intake publishes of a request.</summary>
    public static RequestReceived Received(
        string subject, string kind = "DELIST", string[]? criteria = null, string[]? cites = null, bool urgent = false, string textSha256 = "aa",
            string? partner = null)
    {
        partner ??= "partners/section-1";
        return new RequestReceived(
            Guid.CreateVersion7(), $"{partner}/requests/{Guid.CreateVersion7()}", 1, TimeProvider.System.GetUtcNow(), partner, kind, subject, cites ?? [],
            criteria ?? ["advocacy-of-violence"], "THIRD_PARTY", urgent, "en", textSha256);
    }

    public static Citation Citation(string statement, string text, string words)
    {
        var start = text.IndexOf(words, StringComparison.Ordinal); // all texts of these tests are ASCII: code points are characters
        return new Citation { Statement = statement, Span = new Span { Text = new TextSpan { Start = start, End = start + words.Length, Exact = words } } };
    }

    public static Assessment Assessment(string statement, RetractionJudgement retraction = RetractionJudgement.Unclear, string searchRecord = "")
    {
        var factor = new RabatFactor { Score = 2, Reason = "Neither way." };
        return new Assessment
        {
            Statement = statement,
            Context = factor,
            Speaker = factor,
            Intent = factor,
            ContentAndForm = factor,
            Extent = factor,
            Likelihood = factor,
            Level = Level.LawfulOfConcern,
            Retraction = retraction,
            SearchRecord = searchRecord,
        };
    }

    public static Decision Draft(params Citation[] citations) => new()
    {
        Reasons = "Two statements meet the criteria.",
        Citations = { citations },
        PressureDisclosure = "A burst of near copies; its size was no input.",
        HarmForecast = "It will be said that the prisoner is disowned; the call for release stands.",
        EffectiveOn = "2021-02-23",
    };
}
