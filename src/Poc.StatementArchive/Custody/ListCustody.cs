using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel.Exports;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Custody;

/// <summary>The chain of custody of an object: what the log says of it, and who that was.</summary>
public sealed class ListCustody(Database database, PageTokens pages)
{
    private const string PageSql = """
        SELECT e.index, e.body, h.document FROM log_entries e LEFT JOIN handovers h USING (entry_id) WHERE e.object_id = $1 AND e.index > $2 ORDER BY e.index LIMIT $3
        """;

    private const string ActorsSql = "SELECT actor_id, caller FROM actors WHERE actor_id = ANY ($1)";

    /// <summary>A page, oldest first.</summary>
    public Task<ListCustodyResponse> HandleAsync(ListCustodyRequest request, CancellationToken cancellation)
    {
        new Violations().ObjectNamed("parent", request.Parent).ThrowIfAny();
        var limit = PageSize.Coerce(request.PageSize);
        var after = pages.Read(request, request.PageToken) is { } token ? long.Parse(token, CultureInfo.InvariantCulture) : -1;
        return database.ReadAsync(async tx =>
        {
            var objectId = await ObjectName.FindAsync(tx, request.Parent) ?? await ObjectName.FindErasedAsync(tx, request.Parent)
                ?? throw ObjectName.NotFound(request.Parent);
            var rows = await tx.QueryAsync(PageSql, static row => (Index: row.GetInt64(0), Entry: LogEntry.Parse(row.GetFieldValue<byte[]>(1)), Handover: row.IsDBNull(2) ? null : HandoverDocument.Parse(row.GetFieldValue<byte[]>(2))), objectId, after, limit + 1);
            var page = rows.Take(limit).ToList();
            var actors = (await tx.QueryAsync(
                ActorsSql, static row => (Id: row.GetGuid(0), Caller: row.GetString(1)), page.Select(row => row.Entry.ActorId).Distinct().ToArray()))
                .ToDictionary(actor => actor.Id, actor => actor.Caller);
            return new ListCustodyResponse
            {
                Events =
                {
                    page.Select(row => new CustodyEvent
                    {
                        LogIndex = row.Index,
                        Kind = row.Entry.Kind,
                        Actor = actors.GetValueOrDefault(row.Entry.ActorId, ""),
                        At = row.Entry.At.ToTimestamp(),
                        Handover = row.Handover?.Act switch
                        {
                            null => HandoverKind.Unspecified,
                            HandoverDocument.Exported => HandoverKind.Exported,
                            _ => HandoverKind.Transferred,
                        },
                        Recipient = row.Handover?.Recipient ?? "",
                        Purpose = row.Handover?.Purpose ?? "",
                    }),
                },
                NextPageToken = rows.Count > limit ? pages.Issue(request, page[^1].Index.ToString(CultureInfo.InvariantCulture)) : "",
            };
        }, cancellation);
    }
}
