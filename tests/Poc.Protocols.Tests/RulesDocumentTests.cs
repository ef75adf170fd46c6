using Poc.Contracts.Review.V1;

namespace Poc.Protocols.Tests;

public sealed class RulesDocumentTests
{
    private static string Shipped(int version) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Protocols", $"v{version}.yaml"));

    [Fact]
    public void Reads_the_shipped_versions()
    {
        var (v1, v2) = (RulesDocument.Parse("v1.yaml", Shipped(1)), RulesDocument.Parse("v2.yaml", Shipped(2)));
        Assert.Equal((1, 2), (v1.Version, v2.Version));
        Assert.Equal(["time-and-change"], v2.Criteria.Select(static criterion => criterion.Id).Except(v1.Criteria.Select(static criterion => criterion.Id)));
        Assert.Equal(["panel-chair", "approver"], v1.Signatures);
        Assert.Equal(["COUNSEL_AND_FAMILY", "SECTIONS"], v1.MandatoryAudiences);
        Assert.Equal(RulesDocument.RabatFactors, v1.Factors.Select(static factor => factor.Id));
        Assert.Equal(TimeSpan.FromDays(14), v1.VotingTerm);
    }

    [Fact]
    public void Knows_a_criterion_only_for_its_questions()
    {
        var rules = RulesDocument.Parse("v1.yaml", Shipped(1));
        Assert.Empty(rules.Known(QuestionType.Delist, ["detained-for-conscience", "no-such-thing"]));
        Assert.Equal(["advocacy-of-violence"], rules.Known(QuestionType.Delist, ["advocacy-of-violence", "advocacy-of-violence"]));
    }

    [Theory]
    [InlineData("quorum: 3", "quorum: 4", "panel.quorum", "must not exceed minimum_size")]
    [InlineData("quorum: 3", "quorum: none", "panel.quorum", "must be a whole number from 1 to 100")]
    [InlineData("rule: exceeds-against", "rule: applause", "majority.rule", "must be exceeds-against or share")]
    [InlineData("rule: exceeds-against", "rule: share\n  numerator: 1\n  denominator: 2", "majority", "more than a half")]
    [InlineData("signatures: [panel-chair, approver]", "signatures: [approver, approver]", "signatures", "must be named once")]
    [InlineData("signatures: [panel-chair, approver]", "signatures: [approver]", "signatures", "at least 2")]
    [InlineData("signatures: [panel-chair, approver]", "signatures: [panel-chair, mascot]", "signatures", "must be some of: panel-chair, approver")]
    [InlineData("[COUNSEL_AND_FAMILY, SECTIONS]", "[PUBLIC]", "mandatory_audiences", "must be some of")]
    [InlineData("id: advocacy-of-discrimination", "id: advocacy-of-violence", "criteria[2].id", "already")]
    [InlineData("- id: intent", "- id: mood", "rabat.factors", "must be the six of the Rabat test")]
    [InlineData("voting_term_days: 14", "voting_term_weeks: 2", "voting_term_weeks", "is not a key here")]
    [InlineData("voting_term_days: 14", "", "voting_term_days", "is missing")]
    [InlineData("questions: [designate, delist, redesignate, appeal]\n\n", "questions: [designate, delist, redesignate]\n\n", "criteria[0].questions",
        "names appeal, which this version does not answer")]
    [InlineData("questions: [designate, delist, redesignate, appeal]\n\n", "questions: [3]\n\n", "questions", "must be some of: designate")]
    public void Names_the_rule_and_the_line_that_is_broken(string there, string instead, string path, string rule)
    {
        var document = Shipped(1);
        Assert.Contains(there, document, StringComparison.Ordinal);
        var problem = Assert.Throws<ProtocolException>(() => RulesDocument.Parse("v9.yaml", document.Replace(there, instead, StringComparison.Ordinal)));
        Assert.Contains(problem.Message.Split(Environment.NewLine), line => line.StartsWith("v9.yaml:", StringComparison.Ordinal)
            && line.Contains($": {path}: ", StringComparison.Ordinal) && line.Contains(rule, StringComparison.Ordinal));
    }

    [Fact]
    public void Names_the_line_in_the_document()
    {
        var lines = Shipped(1).Split('\n');
        var line = Array.FindIndex(lines, static text => text.StartsWith("voting_term_days", StringComparison.Ordinal));
        lines[line] = "voting_term_days: 0";
        var problem = Assert.Throws<ProtocolException>(() => RulesDocument.Parse("v9.yaml", string.Join('\n', lines)));
        Assert.Equal($"v9.yaml:{line + 1}:19: error term-range: voting_term_days: must be a whole number from 1 to 365", problem.Message);
    }

    [Fact]
    public void Says_everything_that_is_wrong_at_once()
    {
        var problem = Assert.Throws<ProtocolException>(() => RulesDocument.Parse("v9.yaml",
            Shipped(1).Replace("quorum: 3", "quorum: 0", StringComparison.Ordinal).Replace("version: 1", "version: one", StringComparison.Ordinal)));
        Assert.Equal(2, problem.Message.Split(Environment.NewLine).Length);
    }

    [Theory]
    [InlineData("version: [")]
    [InlineData("- a list")]
    [InlineData("")]
    public void Refuses_what_is_no_document(string text) => Assert.Throws<ProtocolException>(() => RulesDocument.Parse("v9.yaml", text));
}
