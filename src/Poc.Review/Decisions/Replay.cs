using System.Globalization;
using Poc.Contracts.Review.V1;
using Poc.Protocols;

namespace Poc.Review.Decisions;

/// <summary>What is on record of a case, as far as rules judge it.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Requests">Criteria of each request that was not taken back.</param>
/// <param name="Appellant">Who appealed; empty where it is no appeal.</param>
/// <param name="Seated">Members that were seated.</param>
/// <param name="Cast">Votes that counted.</param>
/// <param name="Tally">These, counted.</param>
/// <param name="Appealed">For an appeal: the outcome that it is about.</param>
/// <param name="HighestScore">The highest score that anybody gave to a factor; 0 without an assessment.</param>
/// <param name="SignedAs">Roles in which somebody signed.</param>
public sealed record ReplayedCase(
    QuestionType Question, IReadOnlyList<IReadOnlyCollection<string>> Requests, string Appellant, int Seated, int Cast, Tally Tally, Outcome Appealed, int HighestScore,
    IReadOnlyCollection<string> SignedAs);

/// <summary>A case under the rules it was held to and under others: the same record, each step asked of both.</summary>
public static class Replay
{
    /// <summary>The comparison.</summary>
    /// <param name="case">The record.</param>
    /// <param name="held">The rules it was held to.</param>
    /// <param name="other">The others.</param>
    public static ReplayDossierResponse Compare(ReplayedCase @case, Rules held, Rules other)
    {
        var (recorded, replayed) = (Steps(@case, held), Steps(@case, other));
        return new ReplayDossierResponse
        {
            RecordedProtocol = held.Name,
            Protocol = other.Name,
            RecordedOutcome = Verdict.Of(@case.Question, held.Majority.Passes(@case.Tally), @case.Appealed),
            Outcome = replayed.Any(static step => step.Stops) ? Outcome.Unspecified : Verdict.Of(@case.Question, other.Majority.Passes(@case.Tally), @case.Appealed),
            Steps =
            {
                recorded.Zip(replayed, static (was, @is) => new ReplayStep
                {
                    Step = was.Name, Recorded = was.Words, Replayed = @is.Words, Differs = was.Words != @is.Words, Stops = @is.Stops,
                }),
            },
            Differences = { RulesDiff.Between(held, other).Select(static change => new RulesDifference { Path = change.Path, Before = change.Before ?? "", After = change.After ?? "" }) },
        };
    }

    private static List<Step> Steps(ReplayedCase @case, Rules rules)
    {
        var answers = rules.Questions.Contains(@case.Question);
        var isAppeal = @case.Question == QuestionType.Appeal;
        var addressing = @case.Requests.Count(criteria => rules.Addresses(@case.Question, criteria));
        var fits = @case.Seated >= rules.MinimumPanel && @case.Seated <= (rules.MaximumPanel ?? int.MaxValue);
        var enough = @case.Cast >= rules.Quorum;
        var passes = rules.Majority.Passes(@case.Tally);
        var unsigned = rules.Signatures.Except(@case.SignedAs, StringComparer.Ordinal).ToList();
        return
        [
            new("question", answers ? "answered" : "not answered", Stops: !answers),
            isAppeal
                ? new("appellant", $"{@case.Appellant} {(rules.Appellants.Contains(@case.Appellant) ? "has" : "has no")} standing", Stops: !rules.Appellants.Contains(@case.Appellant))
                : new("admissibility", Text($"{addressing} of {@case.Requests.Count} requests address it"), Stops: addressing == 0),
            new("panel", Text($"{@case.Seated} seated, {(fits ? "within" : "outside of")} {rules.MinimumPanel} to {(rules.MaximumPanel is { } most ? Text($"{most}") : "any number")}"), Stops: !fits),
            new("quorum", Text($"{@case.Cast} votes, {(enough ? "enough for" : "too few for")} {rules.Quorum}"), Stops: !enough),
            new("majority", Text($"{@case.Tally.ForCount} for, {@case.Tally.AgainstCount} against: {(passes ? "passes" : "does not pass")} ({rules.Majority})"), Stops: false),
            new("scores", Text($"up to {@case.HighestScore} given, 0 to {rules.MaximumScore} allowed"), Stops: false),
            new("signatures", unsigned.Count == 0 ? $"{string.Join(", ", rules.Signatures)}: all signed" : $"{string.Join(", ", rules.Signatures)}: nobody signed as {string.Join(", ", unsigned)}", Stops: false),
            new("audiences", string.Join(", then ", rules.MandatoryAudiences), Stops: false),
        ];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Step(string Name, string Words, bool Stops);
}
