using System.Collections.Concurrent;

namespace Poc.Story.Stack;

/// <summary>What the services named things while the story went on, by the keys of the script, for the chapters that come later.</summary>
internal sealed class StoryRecord
{
    /// <summary>Names of requests by key.</summary>
    public ConcurrentDictionary<string, string> Requests { get; } = new(StringComparer.Ordinal);

    /// <summary>Receipts whose SHA-256 was not that of the text that was sent.</summary>
    public ConcurrentBag<string> WrongReceipts { get; } = [];

    /// <summary>Names of the persons who may speak, by id.</summary>
    public Dictionary<string, string> Speakers { get; } = new(StringComparer.Ordinal);

    /// <summary>How Intake refused a code that nobody was mailed.</summary>
    public string RefusedCode { get; set; } = "";

    /// <summary>Names of dossiers by the key of the review.</summary>
    public Dictionary<string, string> Dossiers { get; } = new(StringComparer.Ordinal);

    /// <summary>Names of decisions by the key of the review.</summary>
    public Dictionary<string, string> Decisions { get; } = new(StringComparer.Ordinal);

    /// <summary>Name of the dated search record of each statement, by the statement's id.</summary>
    public Dictionary<string, string> SearchRecords { get; } = new(StringComparer.Ordinal);

    /// <summary>Times somebody looked at the votes of a panel while they were sealed.</summary>
    public int SealedLooks { get; set; }

    /// <summary>Votes and assessments of others that such a look showed.</summary>
    public int SealsBroken { get; set; }
}
