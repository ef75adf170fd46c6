using Poc.Contracts.Review.V1;
using Poc.Contracts.Type.V1;

namespace Poc.Story.Script;

/// <summary>data/subjects.yaml</summary>
internal sealed class SubjectsFile
{
    public List<ScriptedSubject> Subjects { get; init; } = [];
}

/// <summary>A person the story tells of.</summary>
internal sealed class ScriptedSubject
{
    public required string Id { get; init; }
    public required string NativeName { get; init; }
    public required string Script { get; init; }
    public List<string> Transliterations { get; init; } = [];
    public bool Synthetic { get; init; }
    public List<ScriptedEpisode> Episodes { get; init; } = [];
    public List<ScriptedMandate> Mandates { get; init; } = [];

    public string Name => $"subjects/{Id}";
}

/// <summary>One detention, what the register of the past says about it, and how its designation ends.</summary>
internal sealed class ScriptedEpisode
{
    public required string Id { get; init; }
    public required string DetainedOn { get; init; }
    public required string Description { get; init; }
    public ScriptedPast? Past { get; init; }
    public ScriptedEnd? Ends { get; init; }
}

/// <summary>A designation from before the services.</summary>
internal sealed class ScriptedPast
{
    public required string DesignatedOn { get; init; }
    public string ClosedOn { get; init; } = "";
    public required string Source { get; init; }
}

/// <summary>How a designation ends.</summary>
internal sealed class ScriptedEnd
{
    public required string Date { get; init; }
    public required DesignationState State { get; init; }
    public required string Reason { get; init; }
    public ScriptedRenunciation? Renunciation { get; init; }
}

/// <summary>Whose words a renunciation is, and how that was made sure.</summary>
internal sealed class ScriptedRenunciation
{
    public required string DeclaredBy { get; init; }
    public required string DeclaredOn { get; init; }
    public required string VerifiedHow { get; init; }
}

/// <summary>What is campaigned for, whatever becomes of the label.</summary>
internal sealed class ScriptedMandate
{
    public required string Aim { get; init; }
    public required string Date { get; init; }
    public required string Reason { get; init; }
}

/// <summary>A date with its precision, as in <see cref="UncertainDate"/>.</summary>
internal sealed class ScriptedDate
{
    public required string Earliest { get; init; }
    public string Latest { get; init; } = "";
    public required DatePrecision Precision { get; init; }
    public Confidence Confidence { get; init; }

    public UncertainDate ToMessage() => new() { Earliest = Earliest, Latest = Latest, Precision = Precision, Confidence = Confidence };
}
