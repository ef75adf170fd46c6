using CsCheck;
using Poc.Contracts.Review.V1;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Tests.Dossiers;

public sealed class AdmissibilityTests
{
    private static readonly Rules Newest = RulesDocument.Parse("v2.yaml", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Protocols", "v2.yaml")));

    [Theory]
    [InlineData("DESIGNATE", DesignationState.Proposed, QuestionType.Designate)]
    [InlineData("DESIGNATE", DesignationState.LabelWithdrawn, QuestionType.Redesignate)]
    [InlineData("DELIST", DesignationState.Designated, QuestionType.Delist)]
    [InlineData("RECONSIDER", DesignationState.Designated, QuestionType.Delist)]
    [InlineData("RECONSIDER", DesignationState.LabelWithdrawn, QuestionType.Redesignate)]
    [InlineData("RECONSIDER", DesignationState.Declined, QuestionType.Designate)]
    public void A_kind_of_request_asks_a_question_that_fits_the_designation(string kind, DesignationState state, QuestionType question) =>
        Assert.Equal(question, Admissibility.QuestionOf(kind, state));

    [Fact]
    public void Evidence_asks_no_question_of_its_own() => Assert.Null(Admissibility.QuestionOf("EVIDENCE", DesignationState.Designated));

    [Fact]
    public void A_criterion_must_be_known_to_the_question()
    {
        Assert.True(Admissibility.AddressesCriterion(Newest, QuestionType.Delist, ["advocacy-of-violence"]));
        Assert.False(Admissibility.AddressesCriterion(Newest, QuestionType.Delist, ["detained-for-conscience"]));
        Assert.False(Admissibility.AddressesCriterion(Newest, QuestionType.Delist, []));
        Assert.True(Admissibility.AddressesCriterion(Newest, null, ["detained-for-conscience"]));
        Assert.False(Admissibility.AddressesCriterion(Newest, null, ["weather"]));
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(0, 1, true)]
    public void New_material_is_a_statement_or_a_document(int statements, int attachments, bool isMaterial) => Assert.Equal(
        isMaterial, Admissibility.BringsNewMaterial([.. Enumerable.Repeat("s", statements)], [.. Enumerable.Repeat("a", attachments)]));

    [Fact]
    public void A_repeat_is_told_of_its_senders_own_requests_alone() => Gen.Int[0, 3].Select(Gen.Int[0, 3]).Sample(static (own, others) =>
    {
        var repetition = new RequestRepetition
        {
            EarlierRequests =
            {
                Enumerable.Range(0, own).Select(static i => $"partners/section-1/requests/{i}"), Enumerable.Range(0, others).Select(static i => $"partners/section-11/requests/{i}"),
            },
        };
        var told = Inadmissible.RepeatWithoutNewMaterial("partners/section-1/requests/9", repetition).Detail;
        return !told.Contains("section-11", StringComparison.Ordinal) && told.Contains("It repeats your", StringComparison.Ordinal) == (own > 0);
    });
}
