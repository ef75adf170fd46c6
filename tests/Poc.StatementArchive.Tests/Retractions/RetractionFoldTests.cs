using CsCheck;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.StatementArchive.Retractions;

namespace Poc.StatementArchive.Tests.Retractions;

public sealed class RetractionFoldTests
{
    private const RetractionFinding Full = RetractionFinding.Full;
    private const RetractionFinding Partial = RetractionFinding.Partial;
    private const RetractionFinding Against = RetractionFinding.Against;
    private const RetractionFinding NoneFound = RetractionFinding.NoneFound;

    // Findings in the order of their dates.
    [Theory]
    [InlineData(RetractionState.Unknown)]
    [InlineData(RetractionState.NoneFound, NoneFound)]
    [InlineData(RetractionState.NoneFound, NoneFound, NoneFound)]
    [InlineData(RetractionState.Partial, Partial)]
    [InlineData(RetractionState.Partial, NoneFound, Partial, NoneFound)]
    [InlineData(RetractionState.Full, Full)]
    [InlineData(RetractionState.Full, Partial, Full)]
    [InlineData(RetractionState.Full, Full, Partial)]
    [InlineData(RetractionState.Full, Against, Full)]
    [InlineData(RetractionState.Partial, Against, Partial)]
    [InlineData(RetractionState.Reaffirmed, Against)]
    [InlineData(RetractionState.Reaffirmed, NoneFound, Against, Against, NoneFound)]
    [InlineData(RetractionState.Restated, Full, Against)]
    [InlineData(RetractionState.Restated, Partial, Against, Against)]
    [InlineData(RetractionState.Restated, Against, Partial, Against)]
    [InlineData(RetractionState.Partial, Full, Against, Partial)]
    public void Folds_evidence_in_the_order_of_its_dates(RetractionState expected, params RetractionFinding[] findings)
        => Assert.Equal(expected, RetractionFold.Of([.. findings.Select((finding, year) => Some.Evidence(finding, Some.Year(2000 + year)))]));

    [Fact]
    public void The_order_of_recording_does_not_matter_where_dates_differ()
        => Findings(Full, Partial, Against, NoneFound)[0, 7].SelectMany(
            findings => Gen.Shuffle(Enumerable.Range(0, findings.Length).ToArray()).Select(order => (findings, order))).Sample(sample =>
        {
            var ledger = sample.findings.Select((finding, year) => Some.Evidence(finding, Some.Year(2000 + year))).ToList();
            Assert.Equal(RetractionFold.Of(ledger), RetractionFold.Of([.. sample.order.Select(i => ledger[i])]));
        });

    [Fact]
    public void Searches_that_found_none_never_change_what_evidence_says()
        => Gen.Select(Findings(Full, Partial, Against)[1, 6], Gen.Int[0, 6]).Sample((findings, year) =>
        {
            var ledger = findings.Select((finding, i) => Some.Evidence(finding, Some.Year(2000 + i))).ToList();
            Assert.Equal(RetractionFold.Of(ledger), RetractionFold.Of([.. ledger, Some.Evidence(NoneFound, Some.Year(2000 + year))]));
        });

    // The reference story: rhetoric reduced in 2013, two interviews against in 2017 and 2020.
    [Fact]
    public void Words_that_were_stood_by_after_a_partial_retraction_are_restated()
        => Assert.Equal(RetractionState.Restated, RetractionFold.Of(
            [Some.Evidence(Against, Some.Month("2020-10-01")), Some.Evidence(Partial, Some.Year(2013)), Some.Evidence(Against, Some.Year(2017))]));

    [Fact]
    public void Evidence_of_an_unknown_date_outweighs_nothing()
        => Assert.Equal(RetractionState.Full,
            RetractionFold.Of([Some.Evidence(Full, Some.Year(2013)), Some.Evidence(Against, new UncertainDate { Precision = DatePrecision.Unknown })]));

    [Fact]
    public void Equal_dates_are_taken_as_they_were_recorded()
    {
        var (full, against) = (Some.Evidence(Full, Some.Year(2013)), Some.Evidence(Against, Some.Year(2013)));
        Assert.Equal(RetractionState.Restated, RetractionFold.Of([full, against]));
        Assert.Equal(RetractionState.Full, RetractionFold.Of([against, full]));
    }

    [Fact]
    public void Every_state_and_finding_has_a_name()
    {
        Assert.All(Enum.GetValues<RetractionState>().Where(state => state != RetractionState.Unspecified), state =>
            Assert.NotEmpty(RetractionFold.NameOf(state)));
        Assert.All(Enum.GetValues<RetractionFinding>().Where(finding => finding != RetractionFinding.Unspecified), finding =>
            Assert.NotEmpty(RetractionFold.NameOf(finding)));
    }

    private static GenArray<RetractionFinding> Findings(params RetractionFinding[] findings) => Gen.Int[0, findings.Length - 1].Select(i => findings[i]).Array;
}
