using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Operations;

/// <summary>The calling partner's operations, newest first.</summary>
internal sealed class ListOperations(Database database, PageTokens tokens, TimeProvider clock)
{
    private const string Select =
        $"""
        SELECT {ExportRow.Columns}
        FROM exports
        WHERE partner_id = $1 AND expires_at > $2 AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
        ORDER BY created_at DESC, id DESC
        LIMIT $5
        """;

    public async Task<ListOperationsResponse> HandleAsync(ListOperationsRequest message, ServerCallContext context)
    {
        var caller = context.Caller();
        if (message.Parent.Length > 0 && message.Parent != caller.Id)
        {
            throw IntakeErrors.ParentForbidden();
        }

        var size = PageSize.Coerce(message.PageSize);
        DateTimeOffset? before = null;
        Guid? beforeId = null;
        if (tokens.Read(message, message.PageToken)?.Split('/') is [var ticks, var id])
        {
            (before, beforeId) = (new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero), Guid.ParseExact(id, "D"));
        }

        var found = await database.ReadAsync(
            tx => tx.QueryAsync(Select, ExportRow.Read, caller.Id["partners/".Length..], clock.GetUtcNow(), before, beforeId, size + 1), context.CancellationToken);
        return new ListOperationsResponse { Operations = { found.Take(size) }, NextPageToken = found.Count > size ? tokens.Issue(message, Cursor(found[size - 1])) : "" };
    }

    private static string Cursor(Operation last) =>
        string.Create(CultureInfo.InvariantCulture, $"{last.CreatedAt.ToDateTimeOffset().UtcTicks}/{last.Name.Split('/')[^1]}");
}
