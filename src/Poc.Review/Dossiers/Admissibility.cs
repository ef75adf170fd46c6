using System.Globalization;
using System.Text;
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

    /// <summary>The question was reviewed, or is being voted on, and the request has no material that was not before that review.</summary>
    /// <param name="request">Name of the request: its sender is told which of their own requests it repeats, never those of others.</param>
    /// <param name="repetition">What it repeats, and what it has that is new and no material.</param>
    public static Inadmissible RepeatWithoutNewMaterial(string request, RequestRepetition repetition)
    {
        var partner = request[..(request.IndexOf("/requests/", StringComparison.Ordinal) + 1)];
        var own = repetition.EarlierRequests.Where(earlier => earlier.StartsWith(partner, StringComparison.Ordinal)).ToList();
        var text = new StringBuilder(
            "The same question about this person was taken up already; a further request must bring a statement, or a document, that no earlier one had.");
        if (own.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" It repeats your {string.Join(", ", own)}.");
        }

        if (repetition.SameText)
        {
            text.Append(" Its text is that of an earlier request to the letter.");
        }

        string[] news =
        [
            .. Counted(repetition.NewPassages.Count, "passage of text", "passages of text"), .. Counted(repetition.NewLinks.Count, "link", "links"),
            .. Counted(repetition.NewCriteria.Count, "criterion", "criteria"),
        ];
        if (news.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" New in it, and no such material: {string.Join(", ", news)}.");
        }

        return new("REPEAT_WITHOUT_NEW_MATERIAL", text.ToString());
    }

    private static IEnumerable<string> Counted(int count, string one, string several) =>
        count == 0 ? [] : [string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : several)}")];
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

    /// <summary>
    /// Whether the request brings something that no earlier dossier of its question had: a statement, or a document (a court act, evidence of a retraction) whose bytes no earlier
    /// request had. Other words and links are shown, and are no material: they cost nothing to make.
    /// </summary>
    /// <param name="newStatements">Statements it cites that no earlier dossier of the same subject, episode and question had, cited or attached.</param>
    /// <param name="newAttachments">Its attachments that no earlier request about the same subject and question had.</param>
    public static bool BringsNewMaterial(IReadOnlyCollection<string> newStatements, IReadOnlyCollection<string> newAttachments) => newStatements.Count + newAttachments.Count > 0;
}
