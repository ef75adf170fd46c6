namespace Poc.Campaigns.Requests;

/// <summary>
/// What the detector keeps of a request: hashes, no prose. Bounded: at most 2,000 shingles enter the signature, at most 1,500 words, 32 links and 64 anchors are kept.
/// </summary>
public sealed class Fingerprint
{
    /// <summary>The request.</summary>
    public required string Id { get; init; }

    /// <summary>When it was received, Unix seconds.</summary>
    public required long At { get; init; }

    /// <summary>Who it counts for: the organisation where there is one, else the account.</summary>
    public required string Source { get; init; }

    /// <summary>Whether the source is an organisation.</summary>
    public required bool IsOrganisation { get; init; }

    /// <summary>Primary subtag in lower case; <c>und</c> where none was given.</summary>
    public required string Language { get; init; }

    /// <summary>Hashes of the wording in its order; what a mail merge would fill in (numbers, names inside sentences) is left out.</summary>
    public required uint[] Words { get; init; }

    /// <summary>Whether five words and more stand between quotation marks.</summary>
    public bool HasQuotation { get; init; }

    /// <summary>Words in each sentence, fields included.</summary>
    public required byte[] Sentences { get; init; }

    /// <summary>MinHash of the 2-grams of the wording; empty where there are fewer than five: too little to compare.</summary>
    public required uint[] Signature { get; init; }

    /// <summary>Hashes of canonical links.</summary>
    public required ulong[] Urls { get; init; }

    /// <summary>Hashes of the hosts of these links, in the same order.</summary>
    public required ulong[] Hosts { get; init; }

    /// <summary>Hashes of what survives a translation: numbers of two digits and more, names by their skeleton. Sorted, distinct.</summary>
    public required ulong[] Anchors { get; init; }

    /// <summary>The declared template that the request was made from, or null.</summary>
    public string? Template { get; init; }
}
