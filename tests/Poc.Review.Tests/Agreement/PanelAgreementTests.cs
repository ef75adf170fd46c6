using Poc.Contracts.Review.V1;
using Poc.Review.Agreement;

namespace Poc.Review.Tests.Agreement;

public sealed class PanelAgreementTests(ReviewStack stack)
{
    [Fact]
    public async Task Is_shown_when_the_ballots_are_open_and_not_before()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AttachAsync(await @case.AskAsync(), [.. @case.Statements]), "protocols/v1", "a1", "a2", "a3")).Dossier.Name;
        // The first statement is judged alike, the second is not.
        foreach (var (member, level) in new[] { ("a1", Level.Civil), ("a2", Level.Civil), ("a3", Level.None) })
        {
            await @case.AssessAsync(dossier, member, Some.Assessment(@case.Statements[0]));
            var other = Some.Assessment(@case.Statements[1]);
            other.Level = level;
            await @case.AssessAsync(dossier, member, other);
            Assert.Empty((await @case.DossierAsync(dossier)).Agreement);
            await @case.VoteAsync(dossier, member, Choice.For);
        }

        var agreement = (await @case.DossierAsync(dossier)).Agreement;
        Assert.Equal(["level", "retraction", "context", "speaker", "intent", "content_and_form", "extent", "likelihood"], agreement.Select(static each => each.Measure));
        var expected = new KrippendorffAlpha([[2, 2, 2], [3, 3, 1]], Metric.Ordinal);
        var shown = agreement[0];
        Assert.Equal((expected.Value.Alpha, 2, 6, "ordinal"), (shown.Alpha, shown.UnitCount, shown.ValueCount, shown.Metric));
        Assert.Equal(expected.Interval(shown.Resamples, shown.Seed), (shown.Lower, shown.Upper));
        Assert.Equal((false, "no-variation", false), (agreement[1].HasAlpha, agreement[1].Undefined, agreement[1].HasLower));
    }

    [Fact]
    public void Says_nothing_where_nobody_shares_a_statement() => Assert.Empty(PanelAgreement.Of([Some.Assessment("subjects/a/statements/b")]));
}
