using System.Globalization;

namespace Poc.Protocols;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>The document is refused.</summary>
    Error,

    /// <summary>The document is taken; somebody should look.</summary>
    Warning,
}

/// <summary>Something that is wrong, or doubtful, in a protocol document. The rules are listed in docs/protocol-rules.md.</summary>
/// <param name="File">Name of the document.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column in characters, from 1.</param>
/// <param name="Severity">Whether the document is refused for it.</param>
/// <param name="Rule">Id of the rule, for example <c>quorum-exceeds-panel</c>.</param>
/// <param name="Path">Where in the document, for example <c>criteria[1].id</c>; empty for the document as a whole.</param>
/// <param name="Message">What is wrong, and what would be right.</param>
public sealed record Finding(string File, int Line, int Column, Severity Severity, string Rule, string Path, string Message)
{
    /// <summary>The finding on one line, as compilers write theirs: <c>v3.yaml:12:11: error quorum-exceeds-panel: panel.quorum: …</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{File}:{Line}:{Column}: {(Severity == Severity.Error ? "error" : "warning")} {Rule}: {(Path.Length == 0 ? "" : Path + ": ")}{Message}");
}

/// <summary>What checking a document gave.</summary>
/// <param name="Rules">The rules it states; null when it has errors.</param>
/// <param name="Findings">Errors and warnings, in the order of their places.</param>
public sealed record Checked(Rules? Rules, IReadOnlyList<Finding> Findings);

/// <summary>A protocol document is refused. The message has a line for each error.</summary>
public sealed class ProtocolException(string message) : Exception(message);
