using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Story.Script;

namespace Poc.Story.Tests.Script;

public sealed class RetractionFoldTests
{
    [Theory]
    [InlineData(RetractionState.Unknown)]
    [InlineData(RetractionState.NoneFound, RetractionFinding.NoneFound)]
    [InlineData(RetractionState.Partial, RetractionFinding.Partial, RetractionFinding.NoneFound)]
    [InlineData(RetractionState.Restated, RetractionFinding.Partial, RetractionFinding.Against)]
    [InlineData(RetractionState.Restated, RetractionFinding.Partial, RetractionFinding.Against, RetractionFinding.Against, RetractionFinding.NoneFound)]
    [InlineData(RetractionState.Reaffirmed, RetractionFinding.Against, RetractionFinding.NoneFound)]
    [InlineData(RetractionState.Full, RetractionFinding.Against, RetractionFinding.Full)]
    public void Folds_as_the_proto_defines(RetractionState expected, params RetractionFinding[] findings)
    {
        var entries = findings.Select(static (finding, index) => new ScriptedRetractionEntry
        {
            Id = $"e{index}",
            Finding = finding,
            Dated = new ScriptedDate { Earliest = $"20{10 + index}-01-01", Precision = DatePrecision.Day },
            Description = "",
        });

        Assert.Equal(expected, RetractionFold.Of(entries.Reverse()));
    }
}
