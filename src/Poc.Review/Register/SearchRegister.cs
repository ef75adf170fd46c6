using System.Globalization;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel.Text;
using Poc.Postgres;

namespace Poc.Review.Register;

/// <summary>Finds persons in the public register by how their names are spelt.</summary>
internal sealed class SearchRegister(Database database, PageTokens tokens, TimeProvider clock)
{
    private const int MaxQuery = 200;

    // A name that was corrected before anything was said of the person was never public, and finds nobody. The longest word is looked up by index; the others must be there too.
    private const string PageSql = """
        WITH found AS (
            SELECT DISTINCT ON (person) person, name, alike FROM (
                SELECT person_of(n.subject, $4) AS person, n.name, (
                    SELECT round(1000 * min(CASE WHEN n.folded LIKE '%' || word || '%' THEN 1 ELSE word_similarity(word, n.folded) END)) FROM unnest($1::text[]) AS word)::int AS alike
                FROM register_names AS n
                WHERE ($2 <% n.folded OR n.folded LIKE '%' || $2 || '%') AND n.since <= $4
                    AND NOT EXISTS (
                        SELECT 1 FROM register_names AS later
                        WHERE later.subject = n.subject AND later.since > n.since AND later.since <= $4 AND NOT EXISTS (
                            SELECT 1 FROM names_of(n.subject, later.since) AS o (name) JOIN episodes AS e ON e.subject = o.name JOIN designation_history AS c ON c.episode = e.name
                            WHERE c.public_day <= (later.since AT TIME ZONE 'UTC')::date))) AS named
            WHERE alike >= 500 ORDER BY person, alike DESC, name)
        SELECT person, name, alike FROM found AS f
        WHERE ($6::int IS NULL OR alike < $6 OR (alike = $6 AND person COLLATE "C" > $7)) AND EXISTS (
            SELECT 1 FROM names_of(f.person, $4) AS n (name) JOIN episodes AS e ON e.subject = n.name CROSS JOIN LATERAL (
                SELECT c.state FROM designation_history AS c WHERE c.episode = e.name AND c.public_day <= $3 ORDER BY c.sequence DESC LIMIT 1) AS last
            WHERE $5 = '' OR last.state = $5)
        ORDER BY alike DESC, person COLLATE "C" LIMIT $8
        """;

    private const string ThresholdSql = "SELECT set_config('pg_trgm.word_similarity_threshold', '0.5', true)";

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, PAGE_TOKEN_INVALID.</exception>
    public Task<SearchRegisterResponse> HandleAsync(SearchRegisterRequest request, CancellationToken cancellation)
    {
        var today = Days.Today(clock);
        var words = NameFold.Of(request.Query).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var violations = new Violations()
            .MaxLength("query", request.Query, MaxQuery)
            .Require(words.Length > 0, "query", "must have letters or digits of a name")
            .Require(Enum.IsDefined(request.DesignationState), "designation_state", "must be one of the values of the enumeration");
        if (request.AsOf.Length > 0)
        {
            violations.DayUpTo("as_of", request.AsOf, today);
        }

        violations.ThrowIfAny();
        var asOf = request.AsOf.Length > 0 ? Days.Parse(request.AsOf) : today;
        var size = PageSize.Coerce(request.PageSize);
        var after = tokens.Read(request, request.PageToken)?.Split(' ');
        return database.ReadAsync(async tx =>
        {
            await tx.ExecuteAsync(ThresholdSql);
            var found = await tx.QueryAsync(
                PageSql, static row => (Person: row.GetString(0), Name: row.GetString(1), Alike: row.GetInt32(2)), words, words.MaxBy(static word => word.Length), asOf,
                RegisterView.EndOf(asOf), request.DesignationState == DesignationState.Unspecified ? "" : EnumText<DesignationState>.Of(request.DesignationState),
                after is null ? null : int.Parse(after[0], CultureInfo.InvariantCulture), after?[1], size + 1);
            var page = found.Take(size).ToList();
            var entries = await RegisterView.ReadAsync(tx, [.. page.Select(static match => match.Person)], asOf);
            return new SearchRegisterResponse
            {
                Matches = { page.Zip(entries, static (match, entry) => new RegisterMatch { Entry = entry, MatchedName = match.Name, Similarity = match.Alike / 1000f }) },
                NextPageToken = found.Count > size ? tokens.Issue(request, string.Create(CultureInfo.InvariantCulture, $"{page[^1].Alike} {page[^1].Person}")) : "",
            };
        }, cancellation);
    }
}
