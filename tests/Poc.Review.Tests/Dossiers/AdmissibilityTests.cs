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

    [Fact]
    public void New_material_is_a_statement_that_no_earlier_dossier_had() =>
        Gen.Select(Gen.Int[0, 9].HashSet[0, 6], Gen.Int[0, 9].HashSet[0, 6]).Sample(static (cited, known) => Admissibility.BringsNewMaterial(
            cited.Select(static number => $"s{number}"), known.Select(static number => $"s{number}").ToHashSet()) == !cited.IsSubsetOf(known));
}
