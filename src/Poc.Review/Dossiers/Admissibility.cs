using Poc.Contracts.Review.V1;
using Poc.Review.Designations;
using Poc.Review.Protocols;

namespace Poc.Review.Dossiers;

/// <summary>Why a request is not reviewed.</summary>
/// <param name="Code">What programs test.</param>
/// <param name="Detail">The rule behind it, in words that go to the requester.</param>
public sealed record Inadmissible(string Code, string Detail)
{
    /// <summary>Nobody of that name is on record, or an intake officer found that nobody on record is described.</summary>
    public static Inadmissible SubjectUnknown { get; } = new("SUBJECT_UNKNOWN", "The person the request is about is not on record.");

    /// <summary>The request names no criterion that the newest protocol knows for its question.</summary>
    public static Inadmissible AddressesNoCriterion { get; } = new("ADDRESSES_NO_CRITERION",
        "The request addresses no criterion that the protocol in force has for its question.");

    /// <summary>Evidence joins a review that gathers; there is none about this person at the moment.</summary>
    public static Inadmissible NoOpenReview { get; } = new("NO_OPEN_REVIEW",
        "There is no review about this person that evidence could join at the moment, and evidence opens none.");

    /// <summary>The question was reviewed, or is being voted on, and nothing is cited that was not before that review.</summary>
    public static Inadmissible RepeatWithoutNewMaterial { get; } =
        new("REPEAT_WITHOUT_NEW_MATERIAL",
            "The same question about this person was taken up already; a further request must cite a statement that no earlier review of it had.");
}

/// <summary>
/// Whether a request is reviewed, and as what question. Its inputs are what it asks, which criteria it names and what it cites: not who asks, how many ask, nor
/// any score (DOMAIN, invariant 3).
/// </summary>
public static class Admissibility
{
    /// <summary>
    /// The questions a kind of request can join or open: the first one is what it opens. Empty for kinds that ask nothing (WITHDRAW, or of a later version).
    /// </summary>
    /// <param name="kind">Name of Intake's request kind, without prefix.</param>
    /// <param name="designation">State of the newest designation; Proposed where there is none.</param>
    public static QuestionType? QuestionOf(string kind, DesignationState designation) => (kind, designation) switch
    {
        ("DESIGNATE", DesignationState.LabelWithdrawn) => QuestionType.Redesignate,
        ("DESIGNATE", _) => QuestionType.Designate,
        ("DELIST", _) => QuestionType.Delist,
        ("RECONSIDER", DesignationState.LabelWithdrawn or DesignationState.Renounced or DesignationState.Closed) => QuestionType.Redesignate,
        ("RECONSIDER", DesignationState.Designated or DesignationState.Provisional or DesignationState.UnderReconsideration) => QuestionType.Delist,
        ("RECONSIDER", _) => QuestionType.Designate,
        _ => null,
    };

    /// <summary>Evidence has no question of its own: it joins what gathers.</summary>
    public static bool IsEvidence(string kind) => kind == "EVIDENCE";

    /// <summary>Whether the request addresses the question as the protocol asks for it (<see cref="Rules.Addresses"/>); for evidence, any of its criteria will do.</summary>
    public static bool AddressesCriterion(Rules rules, QuestionType? question, IReadOnlyCollection<string> criteria) => question is { } asked
        ? rules.Addresses(asked, criteria)
        : rules.Criteria.Any(known => criteria.Contains(known.Id));

    /// <summary>Whether the request brings something that no earlier dossier of its question had.</summary>
    /// <param name="cited">Statements it cites.</param>
    /// <param name="known">Statements of all earlier dossiers of the same subject, episode and question, cited or attached.</param>
    public static bool BringsNewMaterial(IEnumerable<string> cited, IReadOnlySet<string> known) => cited.Any(statement => !known.Contains(statement));
}
