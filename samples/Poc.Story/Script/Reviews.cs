using Poc.Contracts.Notification.V1;
using Poc.Contracts.Review.V1;
using Poc.Contracts.Type.V1;

namespace Poc.Story.Script;

/// <summary>data/reviews.yaml</summary>
internal sealed class ReviewsFile
{
    public List<ScriptedReview> Reviews { get; init; } = [];
}

/// <summary>One review from its panel to the announcement.</summary>
internal sealed class ScriptedReview
{
    public required string Key { get; init; }
    public required QuestionType Question { get; init; }
    public required string Protocol { get; init; }
    public required string Date { get; init; }
    public required string Chair { get; init; }
    public required string Approver { get; init; }

    /// <summary>Key of the review an appeal is against.</summary>
    public string? Appeals { get; init; }
    public string Appellant { get; init; } = "";
    public string Grounds { get; init; } = "";
    public List<string> Criteria { get; init; } = [];
    public List<string> Statements { get; init; } = [];

    /// <summary>Somebody who must not be seated.</summary>
    public string? RefusedMember { get; init; }
    public required ScriptedReply RightOfReply { get; init; }
    public List<ScriptedMember> Panel { get; init; } = [];
    public ScriptedConcern? Concern { get; init; }
    public List<ScriptedAssessment> Assessments { get; init; } = [];
    public required Outcome Outcome { get; init; }
    public required string EffectiveOn { get; init; }
    public required string Reasons { get; init; }
    public List<ScriptedCitation> Citations { get; init; } = [];
    public List<ScriptedComparison> Precedents { get; init; } = [];
    public required string PressureDisclosure { get; init; }
    public required string HarmForecast { get; init; }
    public required ScriptedPlan Plan { get; init; }

    /// <summary>The leak that puts everybody's message out at once; null where waves follow each other.</summary>
    public ScriptedLeak? Leak { get; init; }
    public string AnnouncedOn { get; init; } = "";

    public Tally Tally => new()
    {
        ForCount = Panel.Count(static member => member.Choice == Choice.For),
        AgainstCount = Panel.Count(static member => member.Choice == Choice.Against),
        AbstainCount = Panel.Count(static member => member.Choice == Choice.Abstain),
        EligibleCount = Panel.Count,
    };
}

/// <summary>The opportunity to reply.</summary>
internal sealed class ScriptedReply
{
    public bool Given { get; init; }
    public required string Dated { get; init; }
    public required string Reason { get; init; }
}

/// <summary>A member of a panel and how they vote.</summary>
internal sealed class ScriptedMember
{
    public required string Staff { get; init; }
    public required Choice Choice { get; init; }
    public required string Reason { get; init; }

    /// <summary>How far this member's scores lie from those of the review.</summary>
    public int Lean { get; init; }
    public ScriptedDissent? Dissent { get; init; }
}

/// <summary>A signed disagreement.</summary>
internal sealed class ScriptedDissent
{
    public bool PublishName { get; init; }
    public required string Text { get; init; }
}

/// <summary>A staff member's unease.</summary>
internal sealed class ScriptedConcern
{
    public required string Staff { get; init; }
    public bool Anonymous { get; init; }
    public required string Text { get; init; }
}

/// <summary>The six Rabat factors for one statement, the level, and the finding about a retraction.</summary>
internal sealed class ScriptedAssessment
{
    public required string Statement { get; init; }
    public required ScriptedFactor Context { get; init; }
    public required ScriptedFactor Speaker { get; init; }
    public required ScriptedFactor Intent { get; init; }
    public required ScriptedFactor ContentAndForm { get; init; }
    public required ScriptedFactor Extent { get; init; }
    public required ScriptedFactor Likelihood { get; init; }
    public required Level Level { get; init; }
    public required RetractionJudgement Retraction { get; init; }

    public Assessment ToMessage(string statement, string searchRecord, int lean) => new()
    {
        Statement = statement,
        Context = Context.ToMessage(lean),
        Speaker = Speaker.ToMessage(lean),
        Intent = Intent.ToMessage(lean),
        ContentAndForm = ContentAndForm.ToMessage(lean),
        Extent = Extent.ToMessage(lean),
        Likelihood = Likelihood.ToMessage(lean),
        Level = Level,
        Retraction = Retraction,
        SearchRecord = Retraction == RetractionJudgement.NotRetracted ? searchRecord : "",
    };
}

/// <summary>One factor.</summary>
internal sealed class ScriptedFactor
{
    public int Score { get; init; }
    public required string Reason { get; init; }

    public RabatFactor ToMessage(int lean) => new() { Score = Math.Clamp(Score + lean, 0, 4), Reason = Reason };
}

/// <summary>Words that counted: a quote of a statement.</summary>
internal sealed class ScriptedCitation
{
    public required string Statement { get; init; }
    public required string Quote { get; init; }
}

/// <summary>How the decision stands to an earlier one: a recorded precedent, or the decision of an earlier review of the story.</summary>
internal sealed class ScriptedComparison
{
    public string? Precedent { get; init; }
    public string? DecidedBy { get; init; }
    public bool Departs { get; init; }
    public string Because { get; init; } = "";
}

/// <summary>Who is told, in which order, with what text.</summary>
internal sealed class ScriptedPlan
{
    public List<ScriptedWave> Waves { get; init; } = [];
    public List<ScriptedText> Texts { get; init; } = [];

    /// <summary>The text a recipient must find behind the reference: in their language where it was approved in it, otherwise one of the others for that audience.</summary>
    public IReadOnlyList<string> TextsFor(Audience audience, string language)
    {
        var texts = Texts.Where(text => text.Audience == audience).ToList();
        var own = texts.Where(text => text.Language == language).Select(static text => text.Text).ToList();
        return own.Count > 0 ? own : [.. texts.Select(static text => text.Text)];
    }
}

/// <summary>One step of a plan.</summary>
internal sealed class ScriptedWave
{
    public required Audience Audience { get; init; }
    public List<string> Recipients { get; init; } = [];
    public List<string> Mandatory { get; init; } = [];

    /// <summary>All sections are in it.</summary>
    public bool Sections { get; init; }

    /// <summary>All sections must acknowledge.</summary>
    public bool MandatorySections { get; init; }
}

/// <summary>A text somebody answers for.</summary>
internal sealed class ScriptedText
{
    public required Audience Audience { get; init; }
    public required string Language { get; init; }
    public required string Text { get; init; }

    public ApprovedText ToMessage() => new() { Audience = Audience, Text = new LocalizedText { Language = Language, Text = Text } };
}

/// <summary>A leak.</summary>
internal sealed class ScriptedLeak
{
    public required string Date { get; init; }
    public required string Reason { get; init; }
}

/// <summary>data/precedents.yaml</summary>
internal sealed class PrecedentsFile
{
    public List<ScriptedPrecedent> Precedents { get; init; } = [];
}

/// <summary>An earlier decision: put on record, or made by a review of the story.</summary>
internal sealed class ScriptedPrecedent
{
    public required string Id { get; init; }
    public string? DecidedBy { get; init; }
    public string Title { get; init; } = "";
    public ScriptedDate? Decided { get; init; }
    public Outcome Outcome { get; init; }
    public string Summary { get; init; } = "";
    public List<string> Criteria { get; init; } = [];
}
