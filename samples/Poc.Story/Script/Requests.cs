using Poc.Contracts.Intake.V1;

namespace Poc.Story.Script;

/// <summary>data/requests.yaml</summary>
internal sealed class RequestsFile
{
    public required ScriptedUrgentRequest Urgent { get; init; }
    public required ScriptedBurst Burst { get; init; }
    public required ScriptedLateRequest Late { get; init; }
    public required ScriptedImpostor Impostor { get; init; }
}

/// <summary>The request of the day of the arrest.</summary>
internal sealed class ScriptedUrgentRequest
{
    public required string Date { get; init; }
    public required string Section { get; init; }
    public required RequestKind Kind { get; init; }
    public required string Language { get; init; }
    public required Relation Relation { get; init; }
    public List<string> Criteria { get; init; } = [];
    public required string Urgency { get; init; }
    public required string Text { get; init; }
}

/// <summary>What <see cref="Burst"/> makes the requests of the burst from.</summary>
internal sealed class ScriptedBurst
{
    public required string From { get; init; }
    public required string To { get; init; }
    public required string Subject { get; init; }
    public required RequestKind Kind { get; init; }
    public List<ScriptedWording> Wordings { get; init; } = [];
    public List<ScriptedResidue> Residues { get; init; } = [];
    public List<ScriptedOrdinaryRequest> Ordinary { get; init; } = [];
    public required ScriptedFate OrdinaryExpect { get; init; }
}

/// <summary>A form letter.</summary>
internal sealed class ScriptedWording
{
    public required string Id { get; init; }
    public required string Language { get; init; }
    public required int Copies { get; init; }
    public List<string> Cites { get; init; } = [];
    public List<string> Criteria { get; init; } = [];

    /// <summary>It speaks of the amplification event.</summary>
    public bool Amplified { get; init; }
    public List<string> Greetings { get; init; } = [];
    public required string Body { get; init; }
    public List<string> Closings { get; init; } = [];
}

/// <summary>What one copy of a form letter says that the form letter does not.</summary>
internal sealed class ScriptedResidue
{
    public required string Wording { get; init; }
    public required string Text { get; init; }
}

/// <summary>A request of the same weeks that has nothing to do with the burst.</summary>
internal sealed class ScriptedOrdinaryRequest
{
    public required RequestKind Kind { get; init; }
    public required string Subject { get; init; }
    public required string Language { get; init; }
    public List<string> Criteria { get; init; } = [];
    public required string Text { get; init; }

    /// <summary>State it ends in; null for that of <see cref="ScriptedBurst.OrdinaryExpect"/>.</summary>
    public Request.Types.State? Expect { get; init; }
}

/// <summary>A form letter sent once more after the decision.</summary>
internal sealed class ScriptedLateRequest
{
    public required string Date { get; init; }
    public required string Wording { get; init; }
    public required string Section { get; init; }
    public required ScriptedFate Expect { get; init; }
}

/// <summary>A letter in the name of somebody who did not write it, and a call of the same kind.</summary>
internal sealed class ScriptedImpostor
{
    public required string Date { get; init; }
    public required string Section { get; init; }
    public required RequestKind Kind { get; init; }
    public required string Language { get; init; }
    public required Relation Relation { get; init; }

    /// <summary>In whose name: the id of a speaker.</summary>
    public required string Speaker { get; init; }
    public required string Text { get; init; }

    /// <summary>What is known of who speaks, when they were asked.</summary>
    public required SpeakerStanding Standing { get; init; }
    public required ScriptedFate Expect { get; init; }

    /// <summary>The call, as it is put on record.</summary>
    public required string Call { get; init; }

    /// <summary>What came of it.</summary>
    public required string CallFinding { get; init; }
}

/// <summary>What becomes of a request.</summary>
internal sealed class ScriptedFate
{
    public required Request.Types.State State { get; init; }
    public string Reason { get; init; } = "";
}
