using System.Globalization;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Grpc;
using Poc.Kernel.Text;
using Poc.Postgres;
using Poc.StatementArchive.Search;

namespace Poc.StatementArchive.Statements;

/// <summary>Finds statements by words in any script, in the original or in a translation.</summary>
public sealed class SearchStatements(Database database, StoredStatements stored, PageTokens pages)
{
    private const int MaxQuery = 500;
    private const int MaxSpans = 100;

    private static readonly DateOnly _firstDay = new(1800, 1, 1); // no statement is older (HistoricalDate)

    /// <summary>A page: the words themselves first, then longer words, then those that are spelt nearly so; newest capture first within each.</summary>
    public Task<SearchStatementsResponse> HandleAsync(SearchStatementsRequest request, Caller caller, CancellationToken cancellation)
    {
        var (from, until) = Validate(request);
        var limit = PageSize.Coerce(request.PageSize);
        var after = pages.Read(request, request.PageToken) is { } token ? Cursor.Parse(token) : null;
        var query = SearchQuery.Parse(request.Query);
        return database.ReadAsync(async tx =>
        {
            var behind = await SearchIndex.BehindAsync(tx);
            // A query of nothing but punctuation asks for no word, and finds none.
            if (query.IsEmpty && request.Query.Length > 0)
            {
                return new SearchStatementsResponse { EntriesBehind = behind };
            }

            var search = new Steps(tx, query, FacetsOf(request, from, until), from, until);
            var hits = new List<(Cursor Cursor, SearchHitRow Row)>();
            for (var match = after?.Match ?? SearchMatch.Exact; match <= SearchMatch.Near && hits.Count <= limit; match++)
            {
                if (await search.ConditionAsync(match) is { } condition)
                {
                    var found = await SearchHits.FindAsync(tx, condition, after?.Match == match ? (after.CapturedAt, after.Id) : null, limit + 1 - hits.Count);
                    hits.AddRange(found.Select(row => (new Cursor(match, row.CapturedAt, row.Id), row)));
                }
            }

            var page = hits.Take(limit).ToList();
            var statements = await stored.ReadAsync(tx, page.ConvertAll(hit => hit.Row.Id));
            var view = StatementView.For(caller);
            var response = new SearchStatementsResponse { EntriesBehind = behind, NextPageToken = hits.Count > limit ? pages.Issue(request, page[^1].Cursor.ToString()) : "" };
            foreach (var (cursor, row) in page)
            {
                // The search is a moment behind: what was erased is gone, and a state that changed is not what was asked for.
                if (statements.TryGetValue(row.Id, out var statement)
                    && (request.RetractionState == RetractionState.Unspecified || statement.RetractionState == request.RetractionState))
                {
                    var shown = view.Of(statement);
                    response.Statements.Add(shown);
                    response.Hits.Add(new SearchHit { Match = cursor.Match, Renderings = { row.Renderings.Order().Select(rendering => search.Show(shown, rendering)) } });
                }
            }

            return response;
        }, cancellation);
    }

    private static (DateOnly? From, DateOnly? Until) Validate(SearchStatementsRequest request)
    {
        var violations = new Violations()
            .MaxLength("query", request.Query, MaxQuery)
            .Require(CodePoints.AreWellFormed(request.Query), "query", "must be well-formed Unicode")
            .Require(Enum.IsDefined(request.RetractionState), "retraction_state", "must be one of the values of the enumeration")
            .Handle("speaker", request.Speaker)
            .Handle("group_named", request.GroupNamed);
        if (request.Subject.Length > 0)
        {
            violations.Name("subject", request.Subject, StatementName.SubjectPattern);
        }

        if (request.Language.Length > 0)
        {
            violations.Language("language", request.Language);
        }

        var (from, until) = (Day("said_from", request.SaidFrom), Day("said_until", request.SaidUntil));
        violations.Require(from is null || until is null || from <= until, "said_until", "must not be before said_from").ThrowIfAny();
        return (from, until);

        DateOnly? Day(string field, string text)
        {
            var isDay = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day);
            violations.Require(text.Length == 0 || isDay, field, "must be a day as YYYY-MM-DD");
            return isDay ? day : null;
        }
    }

    // As tsqueries, of which all must be met.
    private static List<string> FacetsOf(SearchStatementsRequest request, DateOnly? from, DateOnly? until)
    {
        var facets = new List<string>();
        Add(request.Subject, SearchFacets.Subject);
        Add(request.Speaker, SearchFacets.Speaker);
        Add(request.GroupNamed, SearchFacets.Group);
        Add(request.Language, SearchFacets.Language);
        if (request.RetractionState != RetractionState.Unspecified)
        {
            facets.Add(SearchLexemes.Quote(SearchFacets.State(request.RetractionState)));
        }

        if ((from ?? until) is not null && SearchFacets.DaysAsked(from ?? _firstDay, until ?? DateOnly.MaxValue) is { } days)
        {
            facets.Add(days);
        }

        return facets;

        void Add(string value, Func<string, string> facet)
        {
            if (value.Length > 0)
            {
                facets.Add(SearchLexemes.Quote(facet(value)));
            }
        }
    }

    /// <summary>What is asked for, step by step: what the words may stand for grows, and what was found by the step before is not found again.</summary>
    private sealed class Steps(Tx tx, SearchQuery query, IReadOnlyList<string> facets, DateOnly? from, DateOnly? until)
    {
        private Dictionary<string, IReadOnlyList<string>> _others = new(StringComparer.Ordinal);
        private SearchMatch _at = SearchMatch.Exact;
        private string? _before;

        /// <summary>The condition of a step; null where it would find nothing that the one before did not.</summary>
        public async Task<SearchCondition?> ConditionAsync(SearchMatch match)
        {
            var grows = match == SearchMatch.Exact;
            while (_at < match)
            {
                _before = query.ToTsQuery(_others);
                var more = ++_at == SearchMatch.Part ? await SearchWords.LongerAsync(tx, query.Words) : await SearchWords.NearAsync(tx, query.Words);
                grows = more.Values.Any(static words => words.Count > 0);
                _others = query.Words.Distinct(StringComparer.Ordinal).ToDictionary(
                    static word => word, IReadOnlyList<string> (word) => [.. _others.GetValueOrDefault(word, []).Union(more.GetValueOrDefault(word, []))], StringComparer.Ordinal);
            }

            var wanted = query.IsEmpty ? facets : facets.Prepend(query.ToTsQuery(_others));
            return grows ? new SearchCondition(string.Join(" & ", wanted) is { Length: > 0 } some ? some : null, _before, from, until) : null;
        }

        /// <summary>A rendering that was found, with the places of all words that this step or one before it looks for.</summary>
        public MatchedRendering Show(Statement statement, (string Language, int Version) rendering)
        {
            var shown = new MatchedRendering { Language = rendering.Language, Version = rendering.Version };
            var text = rendering.Version == 0
                ? statement.Text
                : statement.Translations.FirstOrDefault(version => version.Language == rendering.Language && version.Version == rendering.Version)?.Text ?? "";
            if (query.IsEmpty || text.Length == 0)
            {
                return shown;
            }

            var tokens = SearchText.Tokens(text);
            var (units, points) = (0, 0);
            foreach (var (first, last) in query.PlacesIn(tokens, _others).Distinct().OrderBy(static place => place.First).ThenBy(static place => place.Last).Take(MaxSpans))
            {
                var (start, end) = (tokens[first].Start, tokens[last].End);
                points += CodePoints.Count(text[units..start]);
                units = start;
                shown.Spans.Add(new TextSpan { Start = points, End = points + CodePoints.Count(text[start..end]), Exact = text[start..end] });
            }

            return shown;
        }
    }

    // Where a page ended.
    private sealed record Cursor(SearchMatch Match, DateTimeOffset CapturedAt, Guid Id)
    {
        public static Cursor Parse(string text)
        {
            var parts = text.Split(' ');
            var capturedAt = new DateTimeOffset(long.Parse(parts[1], CultureInfo.InvariantCulture), TimeSpan.Zero);
            return new Cursor((SearchMatch)int.Parse(parts[0], CultureInfo.InvariantCulture), capturedAt, Guid.Parse(parts[2]));
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{(int)Match} {CapturedAt.UtcTicks} {Id}");
    }
}
