using Poc.Contracts.Intake.V1;
using Poc.Contracts.Notification.V1;

namespace Poc.Story.Script;

/// <summary>data/people.yaml</summary>
internal sealed class PeopleFile
{
    public List<ScriptedStaff> Staff { get; init; } = [];
    public List<ScriptedSection> Sections { get; init; } = [];
    public List<ScriptedRecipient> Recipients { get; init; } = [];
    public List<ScriptedSpeaker> Speakers { get; init; } = [];
    public List<ScriptedInbox> Inboxes { get; init; } = [];

    /// <summary>Roles of a member of staff.</summary>
    public IReadOnlyList<string> RolesOf(string staff) => Staff.Single(member => member.Id == staff).Roles;
}

/// <summary>A member of staff.</summary>
internal sealed class ScriptedStaff
{
    public required string Id { get; init; }
    public List<string> Roles { get; init; } = [];
}

/// <summary>A section: a partner of Intake and a recipient of Notification.</summary>
internal sealed class ScriptedSection
{
    public required string Id { get; init; }
    public required string Language { get; init; }

    public string Name => $"partners/{Id}";
    public ScriptedRecipient AsRecipient() => new() { Id = Id, Audience = Audience.Sections, Language = Language };
}

/// <summary>Somebody who is told of decisions.</summary>
internal sealed class ScriptedRecipient
{
    public required string Id { get; init; }
    public required Audience Audience { get; init; }
    public required string Language { get; init; }

    public string Name => NameOf(Id);
    public string Email => $"{Id}@story.example";
    public static string NameOf(string id) => $"recipients/story-{id}";
}

/// <summary>Somebody who may speak for a subject; they are asked by the mail of the recipient of the same id.</summary>
internal sealed class ScriptedSpeaker
{
    public required string Id { get; init; }
    public required string Subject { get; init; }
    public required string DisplayName { get; init; }
    public required Speaker.Types.Capacity Capacity { get; init; }
    public required string Basis { get; init; }
}

/// <summary>A watched inbox and what its owner subscribed to.</summary>
internal sealed class ScriptedInbox
{
    public required string Staff { get; init; }
    public string? Subject { get; init; }
    public List<EventKind> Events { get; init; } = [];
}
