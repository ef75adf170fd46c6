using Poc.Contracts.StatementArchive.V1;

namespace Poc.Story.Script;

/// <summary>What a ledger of retraction evidence folds to, by the definitions in statement_archive.proto: reckoned here a second time, from the data files alone.</summary>
internal static class RetractionFold
{
    public static RetractionState Of(IEnumerable<ScriptedRetractionEntry> entries)
    {
        var state = RetractionState.Unknown;
        foreach (var entry in entries.OrderBy(static entry => entry.Dated.Earliest, StringComparer.Ordinal))
        {
            state = (entry.Finding, state) switch
            {
                (RetractionFinding.Full, _) => RetractionState.Full,
                (RetractionFinding.Partial, _) => RetractionState.Partial,
                (RetractionFinding.Against, RetractionState.Partial or RetractionState.Full or RetractionState.Restated) => RetractionState.Restated,
                (RetractionFinding.Against, _) => RetractionState.Reaffirmed,
                (RetractionFinding.NoneFound, RetractionState.Unknown) => RetractionState.NoneFound,
                _ => state, // A search that found none adds nothing to what is on record.
            };
        }

        return state;
    }
}
