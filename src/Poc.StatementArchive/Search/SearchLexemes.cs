using System.Globalization;
using System.Text;

namespace Poc.StatementArchive.Search;

/// <summary>
/// What is stored of a text and asked for: each word at its place; of a script without spaces each character, and each pair of neighbours at the place of its first, since one
/// character is in too many texts. Places are those of <see cref="SearchToken"/>s, from 1.
/// </summary>
internal static class SearchLexemes
{
    /// <summary>Of a text's tokens, in order.</summary>
    public static IEnumerable<(string Lexeme, int Place)> Of(IReadOnlyList<SearchToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            yield return (tokens[i].Text, i + 1);
            if (IsPair(tokens, i))
            {
                yield return (tokens[i].Text + tokens[i + 1].Text, i + 1);
            }
        }
    }

    /// <summary>As few of them as tell that these tokens follow one another: pairs instead of the characters in them.</summary>
    public static IEnumerable<(string Lexeme, int Place)> OfPhrase(IReadOnlyList<SearchToken> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (IsPair(tokens, i))
            {
                yield return (tokens[i].Text + tokens[i + 1].Text, i + 1);
            }
            else if (!IsPair(tokens, i - 1))
            {
                yield return (tokens[i].Text, i + 1);
            }
        }
    }

    /// <summary>As PostgreSQL reads a lexeme in a tsvector or tsquery.</summary>
    public static string Quote(string lexeme) => $"'{lexeme.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A tsvector: lexemes with their places, and what has none.</summary>
    public static string Vector(IEnumerable<(string Lexeme, int Place)> placed, IEnumerable<string> plain)
    {
        var vector = new StringBuilder();
        foreach (var places in placed.GroupBy(static lexeme => lexeme.Lexeme, static lexeme => lexeme.Place, StringComparer.Ordinal))
        {
            vector.Append(Quote(places.Key)).Append(':').AppendJoin(',', places.Select(static place => place.ToString(CultureInfo.InvariantCulture))).Append(' ');
        }

        return vector.AppendJoin(' ', plain.Select(Quote)).ToString();
    }

    private static bool IsPair(IReadOnlyList<SearchToken> tokens, int at)
        => at >= 0 && at + 1 < tokens.Count && tokens[at].IsUnspaced && tokens[at + 1].IsUnspaced && tokens[at + 1].IsJoined;
}
