using System.Globalization;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.StatementArchive.Erasures;

/// <summary>Lists proposals to erase, and what became of them.</summary>
public sealed class ListErasures(Database database, PageTokens pages)
{
    private const string PageSql = $"""
        SELECT {ErasureProposals.Columns} FROM erasure_proposals
        WHERE $1::timestamptz IS NULL OR (proposed_at, proposal_id) < ($1, $2::uuid) ORDER BY proposed_at DESC, proposal_id DESC LIMIT $3
        """;

    /// <summary>A page, newest first.</summary>
    public Task<ListErasuresResponse> HandleAsync(ListErasuresRequest request, CancellationToken cancellation)
    {
        var limit = PageSize.Coerce(request.PageSize);
        var after = pages.Read(request, request.PageToken) is { } token ? Cursor(token) : ((DateTimeOffset, Guid)?)null;
        return database.ReadAsync(async tx =>
        {
            var rows = await tx.QueryAsync(
                PageSql, static row => (Proposal: ErasureProposals.Read(row), Id: row.GetGuid(0), At: row.GetFieldValue<DateTimeOffset>(6)), after?.Item1, after?.Item2, limit + 1);
            var page = rows.Take(limit).ToList();
            var erased = await ErasedObjects.FindAsync(tx, [.. page.Select(row => row.Proposal.Object).Distinct(StringComparer.Ordinal)]);
            foreach (var (proposal, _, _) in page)
            {
                proposal.Erasure = erased.GetValueOrDefault(proposal.Object);
            }

            return new ListErasuresResponse
            {
                Erasures = { page.Select(row => row.Proposal) },
                NextPageToken = rows.Count > limit ? pages.Issue(request, string.Create(CultureInfo.InvariantCulture, $"{page[^1].At.UtcTicks} {page[^1].Id}")) : "",
            };
        }, cancellation);
    }

    private static (DateTimeOffset, Guid) Cursor(string token)
    {
        var parts = token.Split(' ');
        return (new DateTimeOffset(long.Parse(parts[0], CultureInfo.InvariantCulture), TimeSpan.Zero), Guid.Parse(parts[1]));
    }
}
