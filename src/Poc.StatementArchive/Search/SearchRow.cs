using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Kernel.Text;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Search;

/// <summary>What is stored of a part of a rendering to find it by.</summary>
/// <param name="Language">Its BCP 47 language.</param>
/// <param name="Version">Of the translation; 0 is the original.</param>
/// <param name="Part">From 0.</param>
/// <param name="SaidFrom">First day it can have been said on; null when nobody knows.</param>
/// <param name="SaidUntil">Last day.</param>
/// <param name="Lexemes">A tsvector, as text.</param>
/// <param name="Likeness">What it shares one of with those that are nearly the same.</param>
/// <param name="Words">Its words, each once, that others may be found by which are spelt nearly so.</param>
internal sealed record SearchRow(
    string Language, int Version, int Part, DateOnly? SaidFrom, DateOnly? SaidUntil, string Lexemes, long[] Likeness, IReadOnlyCollection<string> Words)
{
    // PostgreSQL keeps 256 places of a lexeme: of 4,000 words, no word is that common.
    private const int MaxTokens = 4_000;

    // A phrase of so many words is found wherever a part ends.
    private const int Overlap = 16;

    /// <summary>Shorter words have too many that are spelt nearly like them.</summary>
    private const int ShortestWord = 3;

    /// <summary>The rows of a statement and all its translations.</summary>
    public static IEnumerable<SearchRow> Of(Statement statement)
    {
        var said = StatementRules.DaysOf(statement.Uttered);
        string[] facets =
        [
            SearchFacets.Subject(StatementName.SubjectOf(statement.Name)), SearchFacets.Speaker(statement.Speaker), SearchFacets.State(statement.RetractionState),
            SearchFacets.Recorded(statement.CapturedAt.ToDateTimeOffset()),
            .. statement.GroupsNamed.Select(SearchFacets.Group).Distinct(StringComparer.Ordinal),
            .. said is var (from, until) ? SearchFacets.Days(from, until) : [],
        ];
        return Of(statement.Language, 0, statement.Text, said, facets)
            .Concat(statement.Translations.SelectMany(translation => Of(translation.Language, translation.Version, translation.Text, said, facets)));
    }

    /// <summary>Whether a lexeme is one of <see cref="Words"/>.</summary>
    public static bool IsWord(string lexeme) => lexeme.Length >= ShortestWord && lexeme[0] != SearchFacets.Mark && SearchText.Tokens(lexeme) is [{ IsUnspaced: false }];

    private static IEnumerable<SearchRow> Of(string language, int version, string text, (DateOnly From, DateOnly Until)? said, string[] facets)
    {
        var tokens = SearchText.Tokens(text);
        var part = 0;
        for (var start = 0; start == 0 || start + Overlap < tokens.Count; start += MaxTokens - Overlap)
        {
            var some = tokens.GetRange(start, Math.Min(MaxTokens, tokens.Count - start));
            yield return new SearchRow(
                language, version, part, said?.From, said?.Until, SearchLexemes.Vector(SearchLexemes.Of(some), facets.Concat(SearchFacets.Languages(language))),
                part == 0 ? SearchLikeness.KeysOf(some) : [],
                [.. some.Where(static token => !token.IsUnspaced && token.Text.Length >= ShortestWord).Select(static token => token.Text).Distinct(StringComparer.Ordinal)]);
            part++;
        }
    }
}
