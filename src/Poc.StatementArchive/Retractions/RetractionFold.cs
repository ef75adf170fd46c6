using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Retractions;

/// <summary>
/// What a ledger of evidence says in one word. Evidence counts in the order of its own dates, not of its recording: an old interview that turns up late is
/// still an old interview.
/// </summary>
public static class RetractionFold
{
    /// <summary>
    /// The state a ledger folds to. Evidence against outweighs every retraction before it, and a retraction after it counts anew: the retractions later than
    /// the last evidence against decide (full over partial); when there are none but there were earlier ones, the words were restated. Searches that found
    /// none decide only where nothing else is on record.
    /// </summary>
    /// <param name="ledger">In the order of recording, which settles dates that are equal.</param>
    public static RetractionState Of(IReadOnlyCollection<RetractionEntry> ledger)
    {
        var evidence = InOrder(ledger).Select(entry => entry.Finding).Where(finding => finding != RetractionFinding.NoneFound).ToList();
        var sinceAgainst = evidence.Skip(evidence.LastIndexOf(RetractionFinding.Against) + 1).ToList();
        return sinceAgainst switch
        {
            _ when evidence.Count == 0 => ledger.Count == 0 ? RetractionState.Unknown : RetractionState.NoneFound,
            _ when sinceAgainst.Contains(RetractionFinding.Full) => RetractionState.Full,
            { Count: > 0 } => RetractionState.Partial,
            _ when evidence.TrueForAll(finding => finding == RetractionFinding.Against) => RetractionState.Reaffirmed,
            _ => RetractionState.Restated,
        };
    }

    /// <summary>
    /// Oldest evidence first: by the first day it can be of, then by the last, then as recorded. Evidence whose date nobody knows comes first, since nothing
    /// says that it is later than any other.
    /// </summary>
    public static IReadOnlyList<RetractionEntry> InOrder(IReadOnlyCollection<RetractionEntry> ledger)
        => [.. ledger.OrderBy(entry => DaysOf(entry.Dated).First).ThenBy(entry => DaysOf(entry.Dated).Last)];

    /// <summary>The state as events and tables write it, for example <c>NONE_FOUND</c>.</summary>
    public static string NameOf(RetractionState state) => state switch
    {
        RetractionState.Unknown => "UNKNOWN",
        RetractionState.NoneFound => "NONE_FOUND",
        RetractionState.Partial => "PARTIAL",
        RetractionState.Full => "FULL",
        RetractionState.Restated => "RESTATED",
        RetractionState.Reaffirmed => "REAFFIRMED",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No state of a ledger."),
    };

    /// <summary>The finding as events write it, for example <c>AGAINST</c>.</summary>
    public static string NameOf(RetractionFinding finding) => finding switch
    {
        RetractionFinding.Full => "FULL",
        RetractionFinding.Partial => "PARTIAL",
        RetractionFinding.Against => "AGAINST",
        RetractionFinding.NoneFound => "NONE_FOUND",
        _ => throw new ArgumentOutOfRangeException(nameof(finding), finding, "No finding of an entry."),
    };

    private static (DateOnly First, DateOnly Last) DaysOf(UncertainDate dated) => StatementRules.DaysOf(dated) ?? (DateOnly.MinValue, DateOnly.MinValue);
}
