namespace Poc.StatementArchive.Search;

/// <summary>What a person typed: words, and phrases, that a text must all have.</summary>
internal sealed class SearchQuery
{
    private readonly IReadOnlyList<SearchTerm> _terms;

    private SearchQuery(IReadOnlyList<SearchTerm> terms) => _terms = terms;

    /// <summary>Whether it asks for nothing.</summary>
    public bool IsEmpty => _terms.Count == 0;

    /// <summary>Words of it for which others may stand: not those of a phrase.</summary>
    public IEnumerable<string> Words => _terms.Select(static term => term.Word).OfType<string>();

    /// <summary>
    /// Reads it. Quotation marks keep words together, as does what is written without spaces: <c>2021年</c>, <c>об'єкт</c>, <c>well-known</c>, and words in Chinese.
    /// </summary>
    public static SearchQuery Parse(string query)
    {
        var terms = new List<SearchTerm>();
        var quoted = query.Split('"');
        for (var i = 0; i < quoted.Length; i++)
        {
            // A last mark without its fellow quotes nothing.
            terms.AddRange(i % 2 == 1 && i < quoted.Length - 1 ? [SearchTerm.Of(quoted[i])] : quoted[i].Split(default(char[]), StringSplitOptions.RemoveEmptyEntries).Select(SearchTerm.Of));
        }

        return new SearchQuery([.. terms.Where(static term => term.Tokens.Count > 0)]);
    }

    /// <summary>What texts must have, as a tsquery.</summary>
    /// <param name="others">Words that may stand for one of <see cref="Words"/>.</param>
    public string ToTsQuery(IReadOnlyDictionary<string, IReadOnlyList<string>> others) => string.Join(" & ", _terms.Select(term => term.ToTsQuery(others)));

    /// <summary>Where a text has what is asked for: first and last token of each place, in order of the terms.</summary>
    public IEnumerable<(int First, int Last)> PlacesIn(IReadOnlyList<SearchToken> tokens, IReadOnlyDictionary<string, IReadOnlyList<string>> others)
    {
        foreach (var term in _terms)
        {
            HashSet<string>? words = term.Word is { } word ? [word, .. others.GetValueOrDefault(word) ?? []] : null;
            for (var at = 0; at + term.Tokens.Count <= tokens.Count; at++)
            {
                if (words?.Contains(tokens[at].Text) ?? term.StandsAt(tokens, at))
                {
                    yield return (at, at + term.Tokens.Count - 1);
                }
            }
        }
    }

    /// <summary>Words that must follow one another; most often one word.</summary>
    private sealed record SearchTerm(IReadOnlyList<SearchToken> Tokens)
    {
        public string? Word => Tokens is [{ IsUnspaced: false } token] ? token.Text : null;

        public static SearchTerm Of(string text) => new(SearchText.Tokens(text));

        public string ToTsQuery(IReadOnlyDictionary<string, IReadOnlyList<string>> others)
        {
            if (Word is { } word)
            {
                return $"({string.Join(" | ", others.GetValueOrDefault(word, []).Prepend(word).Select(SearchLexemes.Quote))})";
            }

            var (query, before) = ("", 0);
            foreach (var (lexeme, place) in SearchLexemes.OfPhrase(Tokens))
            {
                query += before == 0 ? SearchLexemes.Quote(lexeme) : $" <{place - before}> {SearchLexemes.Quote(lexeme)}";
                before = place;
            }

            return $"({query})";
        }

        public bool StandsAt(IReadOnlyList<SearchToken> tokens, int at)
        {
            for (var i = 0; i < Tokens.Count; i++)
            {
                // Characters that follow one another here must do so there; words may have anything between them.
                if (tokens[at + i].Text != Tokens[i].Text || (i > 0 && Tokens[i] is { IsUnspaced: true, IsJoined: true } && !tokens[at + i].IsJoined))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
