using Poc.Contracts.StatementArchive.V1;

namespace Poc.StatementArchive.Statements;

/// <summary>Links of a statement. They are notes of it, each with its entry in the log.</summary>
internal static class StatementLinks
{
    /// <summary>The link that a note is.</summary>
    public static StatementLink Of(Annotation note)
    {
        var link = note.Link.Clone();
        (link.Author, link.At) = (note.Author, note.AddedAt);
        return link;
    }
}
