namespace Poc.Protocols.Tests;

public sealed class RulesDiffTests
{
    private static string Shipped(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Protocols", name));

    [Fact]
    public void Shows_what_version_2_says_otherwise()
    {
        var changes = RulesDiff.Between(RulesDocument.Parse("v1", Shipped("v1.yaml")), RulesDocument.Parse("v2", Shipped("v2.yaml")));
        Assert.Equal(
            [
                "changed title", "changed criteria.advocacy-of-violence.text", "changed criteria.advocacy-of-discrimination.text",
                "added criteria.time-and-change.paragraph", "added criteria.time-and-change.text", "added criteria.time-and-change.questions",
                "changed rabat.context.guidance", "changed rabat.extent.guidance", "changed rabat.likelihood.guidance", "added appellants.third-party",
            ],
            changes.Select(static change => $"{change.Kind} {change.Path}"));
    }

    [Fact]
    public void Says_nothing_of_how_a_document_is_written()
    {
        var document = Shipped("v1.yaml");
        var otherwise = document.Replace("signatures: [panel-chair, approver]", "signatures:\n- 'panel-chair'\n- \"approver\" # in this order", StringComparison.Ordinal)
            .Replace("questions: [designate, delist, redesignate, appeal]", "questions: [appeal, delist, redesignate, designate]", StringComparison.Ordinal);
        Assert.NotEqual(document, otherwise);
        Assert.Empty(RulesDiff.Between(RulesDocument.Parse("a", document), RulesDocument.Parse("b", otherwise)));
    }

    [Theory]
    [InlineData("quorum: 3", "quorum: 2", "panel.quorum", "3", "2")]
    [InlineData("minimum_size: 3", "minimum_size: 5", "panel.minimum_size", "3", "5")]
    [InlineData("minimum_size: 3", "minimum_size: 3\n  maximum_size: 9", "panel.maximum_size", null, "9")]
    [InlineData("rule: exceeds-against", "rule: exceeds-against\n  tie: passes", "majority", "more for than against", "at least as many for as against")]
    [InlineData("rule: exceeds-against", "rule: share\n  numerator: 2\n  denominator: 3", "majority", "more for than against", "at least 2/3 for")]
    [InlineData("voting_term_days: 14", "voting_term_days: 7", "voting_term_days", "14", "7")]
    [InlineData("signatures: [panel-chair, approver]", "signatures: [approver, panel-chair]", "signatures", "panel-chair, approver", "approver, panel-chair")]
    [InlineData("version: 1", "version: 1\neffective_from: 2021-05-07", "effective_from", null, "2021-05-07")]
    [InlineData("version: 1", "version: 1\nadmissibility: { delist: { all_of: [advocacy-of-violence] } }", "admissibility.delist", null, "all of advocacy-of-violence")]
    [InlineData("voting_term_days: 14", "voting_term_days: 14\nprecedents: { answer: 3, nearness: 60 }", "precedents", null, "answer the 3 nearest that were decided otherwise, from 60% on")]
    [InlineData(", counsel]", "]", "appellants.counsel", "has standing", null)]
    public void Names_one_change_as_one(string there, string instead, string path, string? before, string? after)
    {
        var document = Shipped("v1.yaml");
        var change = Assert.Single(RulesDiff.Between(RulesDocument.Parse("a", document), RulesDocument.Parse("b", document.Replace(there, instead, StringComparison.Ordinal))));
        Assert.Equal((path, before, after), (change.Path, change.Before, change.After));
    }
}
