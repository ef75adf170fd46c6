using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Register;

/// <summary>All entries of the public register, by name; those that are read under another now say under which.</summary>
internal sealed class ListRegisterEntries(Database database, RegisterCache cache, PageTokens tokens, TimeProvider clock)
{
    private const string PageSql = """
        SELECT s.name FROM subjects AS s
        WHERE s.name COLLATE "C" > $1 AND EXISTS (
            SELECT 1 FROM names_of(s.name, 'infinity') AS n (name) JOIN episodes AS e ON e.subject = n.name JOIN designation_history AS c ON c.episode = e.name
            WHERE c.public_day IS NOT NULL)
        ORDER BY s.name COLLATE "C" LIMIT $2
        """;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, PAGE_TOKEN_INVALID.</exception>
    public Task<ListRegisterEntriesResponse> HandleAsync(ListRegisterEntriesRequest request, CancellationToken cancellation)
    {
        var size = PageSize.Coerce(request.PageSize);
        var after = tokens.Read(request, request.PageToken) ?? "";
        return cache.GetListAsync($"{size}:{after}", () => database.ReadAsync(async tx =>
        {
            var names = await tx.QueryAsync(PageSql, static row => row.GetString(0), after, size + 1);
            string[] page = [.. names.Take(size)];
            return new ListRegisterEntriesResponse
            {
                Entries = { await RegisterView.ReadAsync(tx, page, Days.Today(clock)) },
                NextPageToken = names.Count > size ? tokens.Issue(request, page[^1]) : "",
            };
        }, cancellation));
    }
}
