using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Poc.Contracts.Review.V1;

namespace Poc.Protocols;

/// <summary>A version of the rules, as a review is held to it. Comes from a document by <see cref="RulesDocument.Parse"/>.</summary>
public sealed record Rules
{
    /// <summary>Version, from 1. Its resource name is <c>protocols/v{Version}</c>.</summary>
    public required int Version { get; init; }

    /// <summary>Title for people.</summary>
    public required string Title { get; init; }

    /// <summary>Day from which requests are held to it and panels are seated under it; null: at once.</summary>
    public DateOnly? EffectiveFrom { get; init; }

    /// <summary>Questions it answers.</summary>
    public required IReadOnlyList<QuestionType> Questions { get; init; }

    /// <summary>Its criteria, each with the questions it is known to.</summary>
    public required IReadOnlyList<KnownCriterion> Criteria { get; init; }

    /// <summary>Questions with a rule of their own about which criteria a request must address; for all others one known criterion is enough.</summary>
    public IReadOnlyDictionary<QuestionType, CriteriaRule> Admissibility { get; init; } = new Dictionary<QuestionType, CriteriaRule>();

    /// <summary>The factors of the Rabat test, in order.</summary>
    public required IReadOnlyList<RabatGuidance> Factors { get; init; }

    /// <summary>Highest score of a factor; the lowest is 0.</summary>
    public required int MaximumScore { get; init; }

    /// <summary>Members a panel has at least when it is seated.</summary>
    public required int MinimumPanel { get; init; }

    /// <summary>Members a panel has at most when it is seated; null: no bound but the service's own of 100.</summary>
    public int? MaximumPanel { get; init; }

    /// <summary>Ballots of members without conflict that must be in before anything is counted.</summary>
    public required int Quorum { get; init; }

    /// <summary>When a vote passes.</summary>
    public required Majority Majority { get; init; }

    /// <summary>How long sealed voting lasts at most.</summary>
    public required TimeSpan VotingTerm { get; init; }

    /// <summary>Roles that sign, one person each.</summary>
    public required IReadOnlyList<string> Signatures { get; init; }

    /// <summary>Audiences told before the public, in order; values of notification's <c>Audience</c> without prefix.</summary>
    public required IReadOnlyList<string> MandatoryAudiences { get; init; }

    /// <summary>Who may appeal against what was decided under this version.</summary>
    public required IReadOnlyList<string> Appellants { get; init; }

    /// <summary>Which near precedents a decision must answer; null: none.</summary>
    public PrecedentRule? Precedents { get; init; }

    /// <summary>The document it was read from, byte for byte.</summary>
    public required string Document { get; init; }

    /// <summary>Its resource name.</summary>
    public string Name => NameOf(Version);

    /// <summary>SHA-256 of the document's UTF-8 bytes.</summary>
    public byte[] DocumentSha256 => SHA256.HashData(Encoding.UTF8.GetBytes(Document));

    /// <summary>The resource name of a version.</summary>
    public static string NameOf(int version) => $"protocols/v{version}";

    /// <summary>Those of the criteria that this version knows for the question.</summary>
    public IReadOnlyList<string> Known(QuestionType question, IEnumerable<string> criteria) =>
        [.. criteria.Where(id => Criteria.Any(known => known.Id == id && known.Questions.Contains(question))).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether a request that names these criteria addresses the question: it names one that is known for it, and meets the question's own rule.</summary>
    public bool Addresses(QuestionType question, IEnumerable<string> criteria)
    {
        var known = Known(question, criteria);
        return known.Count > 0 && (!Admissibility.TryGetValue(question, out var rule) || rule.IsMetBy(known));
    }

    /// <summary>Whether it may be used on a day.</summary>
    public bool IsEffectiveOn(DateOnly day) => EffectiveFrom is not { } from || from <= day;

    /// <summary>As it goes over the wire.</summary>
    public Protocol ToMessage() => new()
    {
        Name = Name,
        Title = Title,
        DocumentSha256 = ByteString.CopyFrom(DocumentSha256),
        Document = Document,
        Questions = { Questions },
        Criteria = { Criteria.Select(static criterion => new Criterion { Id = criterion.Id, Paragraph = criterion.Paragraph, Text = criterion.Text }) },
    };
}

/// <summary>A criterion and the questions it is known to.</summary>
/// <param name="Id">For example <c>advocacy-of-violence</c>.</param>
/// <param name="Paragraph">Where it stands.</param>
/// <param name="Text">What it says.</param>
/// <param name="Questions">Questions it is known to.</param>
public sealed record KnownCriterion(string Id, string Paragraph, string Text, IReadOnlyList<QuestionType> Questions);

/// <summary>Which criteria a request must address.</summary>
/// <param name="All">All of <paramref name="Criteria"/>, otherwise any one of them.</param>
/// <param name="Criteria">Ids.</param>
public sealed record CriteriaRule(bool All, IReadOnlyList<string> Criteria)
{
    /// <summary>Whether these criteria are enough.</summary>
    public bool IsMetBy(IReadOnlyCollection<string> criteria) => All ? Criteria.All(criteria.Contains) : Criteria.Any(criteria.Contains);
}

/// <summary>Which precedents that were decided otherwise a decision must answer: "treated differently because …".</summary>
/// <param name="Answer">So many of them, the nearest.</param>
/// <param name="Nearness">Those at least so near, in percent.</param>
public sealed record PrecedentRule(int Answer, int Nearness);

/// <summary>How one factor of the Rabat Plan of Action's threshold test is to be read.</summary>
/// <param name="Id">One of the six.</param>
/// <param name="Guidance">What to ask.</param>
public sealed record RabatGuidance(string Id, string Guidance);
