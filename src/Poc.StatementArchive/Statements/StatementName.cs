using System.Text.RegularExpressions;

namespace Poc.StatementArchive.Statements;

/// <summary>The name of a statement, <c>subjects/{subject}/statements/{statement}</c>.</summary>
internal static partial class StatementName
{
    public const string Pattern = "subjects/{subject}/statements/{statement}";
    public const string SubjectPattern = "subjects/{subject}";

    public static string Of(string subject, string statementId) => $"{subject}/statements/{statementId}";

    /// <summary>The subject of a statement's name.</summary>
    public static string SubjectOf(string statement) => statement[..statement.IndexOf("/statements/", StringComparison.Ordinal)];

    /// <summary>Lower-case letters, digits and hyphens, 2 to 40.</summary>
    [GeneratedRegex("^[a-z0-9-]{2,40}$", RegexOptions.CultureInvariant)]
    public static partial Regex Id();
}
