using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;

namespace Poc.Story.Script;

/// <summary>data/statements.yaml</summary>
internal sealed class StatementsFile
{
    public required string Subject { get; init; }
    public List<ScriptedStatement> Statements { get; init; } = [];
    public List<ScriptedRetractionEntry> RetractionEntries { get; init; } = [];
    public required ScriptedAmplification Amplification { get; init; }

    public string NameOf(string statement) => $"subjects/{Subject}/statements/{statement}";
}

/// <summary>A statement with the claims about it, its translations and the evidence about a retraction.</summary>
internal sealed class ScriptedStatement
{
    public required string Id { get; init; }
    public required ContentKind Content { get; init; }
    public required string Language { get; init; }
    public required string Text { get; init; }
    public string Publisher { get; init; } = "";
    public string Amplifier { get; init; } = "";
    public required ScriptedDate Uttered { get; init; }
    public ScriptedDate? Published { get; init; }
    public List<ScriptedDate> Reposted { get; init; } = [];
    public List<ScriptedClaim> Claims { get; init; } = [];
    public List<ScriptedTranslation> Translations { get; init; } = [];
    public Dictionary<string, string> Quotes { get; init; } = [];
    public List<string> Retraction { get; init; } = [];

    /// <summary>The span of a quote in the text, in code points: what a citation names.</summary>
    /// <exception cref="InvalidDataException">The data file has no such quote, or its words are not in the text.</exception>
    public Span SpanOf(string quote)
    {
        if (!Quotes.TryGetValue(quote, out var exact) || Text.IndexOf(exact, StringComparison.Ordinal) is not (>= 0 and var at))
        {
            throw new InvalidDataException($"statements.yaml: statement {Id} has no quote '{quote}' that stands in its text.");
        }

        var start = Text[..at].EnumerateRunes().Count();
        return new Span { Text = new TextSpan { Start = start, End = start + exact.EnumerateRunes().Count(), Exact = exact } };
    }
}

/// <summary>What one source says.</summary>
internal sealed class ScriptedClaim
{
    public required string Source { get; init; }
    public required string Topic { get; init; }
    public required string Claim { get; init; }
}

/// <summary>A rendering; several of one language are its versions, in order.</summary>
internal sealed class ScriptedTranslation
{
    public required string Language { get; init; }
    public required string Translator { get; init; }
    public required string Text { get; init; }
}

/// <summary>Dated evidence about a retraction.</summary>
internal sealed class ScriptedRetractionEntry
{
    public required string Id { get; init; }
    public required RetractionFinding Finding { get; init; }
    public required ScriptedDate Dated { get; init; }
    public required string Description { get; init; }
    public string Searched { get; init; } = "";
    public string Language { get; init; } = "";
    public bool Synthetic { get; init; }
}

/// <summary>The public act that may have set off the burst.</summary>
internal sealed class ScriptedAmplification
{
    public required string OccurredOn { get; init; }
    public required string Description { get; init; }
    public required string Statement { get; init; }
    public bool Synthetic { get; init; }
}
