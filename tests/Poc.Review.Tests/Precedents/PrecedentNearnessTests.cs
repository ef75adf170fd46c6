using Poc.Contracts.Review.V1;
using Poc.Review.Precedents;

namespace Poc.Review.Tests.Precedents;

public sealed class PrecedentNearnessTests
{
    private static readonly PrecedentFeatures Here = new(["violence"], ["CRIMINAL"], ["NOT_RETRACTED"], "The speaker advocated expelling strangers.");

    [Fact]
    public void The_same_case_is_at_100_and_says_by_what()
    {
        var same = PrecedentNearness.Of(Here, Here);
        Assert.Equal(100, same.Percent);
        Assert.Equal(["criterion violence", "level CRIMINAL", "retraction NOT_RETRACTED", "words 100%"], same.Shared);
    }

    [Fact]
    public void Weighs_what_was_asked_over_what_was_written_and_found()
    {
        var other = new PrecedentFeatures(["conscience"], ["NONE"], ["RETRACTED"], "Nothing alike");
        Assert.Equal(0, PrecedentNearness.Of(Here, other).Percent);
        Assert.Equal(40, PrecedentNearness.Of(Here, other with { Criteria = Here.Criteria }).Percent);
        Assert.Equal(30, PrecedentNearness.Of(Here, other with { Text = Here.Text }).Percent);
        Assert.Equal(15, PrecedentNearness.Of(Here, other with { Levels = Here.Levels }).Percent);
        Assert.Equal(15, PrecedentNearness.Of(Here, other with { Retractions = Here.Retractions }).Percent);
        Assert.Equal(20, PrecedentNearness.Of(Here, other with { Criteria = ["violence", "conscience"] }).Percent); // one of two
    }

    [Fact]
    public void What_either_side_lacks_is_not_compared()
    {
        var recorded = new PrecedentFeatures(["violence"], [], [], "");
        Assert.Equal(100, PrecedentNearness.Of(Here, recorded).Percent);
        Assert.Equal(0, PrecedentNearness.Of(new PrecedentFeatures([], [], [], ""), Here).Percent);
    }

    [Theory]
    [InlineData("expelled strangers", 100)] // inflected
    [InlineData("EXPELLING, strangers!", 100)]
    [InlineData("strangers and neighbours", 50)]
    [InlineData("a of the to", 0)] // words too short to say anything
    [InlineData("Чужинці", 0)]
    public void Words_meet_in_case_and_inflection(string text, int percent) =>
        Assert.Equal(percent, PrecedentNearness.Of(new PrecedentFeatures([], [], [], text), Here).Percent);

    [Fact]
    public void Words_of_other_scripts_meet_too() =>
        Assert.Equal(100, PrecedentNearness.Of(new PrecedentFeatures([], [], [], "закликав до насильства"), new PrecedentFeatures([], [], [], "Заклики до насильства")).Percent);

    [Theory]
    [InlineData(Outcome.LabelWithdrawn, Outcome.Maintained, true)]
    [InlineData(Outcome.Redesignated, Outcome.Declined, true)]
    [InlineData(Outcome.Designated, Outcome.Maintained, false)]
    [InlineData(Outcome.Declined, Outcome.LabelWithdrawn, false)]
    [InlineData(Outcome.AppealDismissed, Outcome.Designated, false)]
    public void Outcomes_are_opposed_in_whether_the_label_is_carried(Outcome one, Outcome other, bool opposed)
    {
        Assert.Equal(opposed, PrecedentNearness.AreOpposed(one, other));
        Assert.Equal(opposed, PrecedentNearness.AreOpposed(other, one));
    }
}
