using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Requesters;

/// <summary>Who had seals wrapped anew, and how far that is, newest first.</summary>
internal sealed class ListRequesterRewraps(Database database, PageTokens tokens)
{
    private const string Select =
        $"""
        SELECT {RequesterRewraps.Columns}
        FROM requester_rewraps
        WHERE $1::timestamptz IS NULL OR (started_at, id) < ($1, $2::uuid)
        ORDER BY started_at DESC, id DESC
        LIMIT $3
        """;

    public async Task<ListRequesterRewrapsResponse> HandleAsync(ListRequesterRewrapsRequest message, ServerCallContext context)
    {
        var size = PageSize.Coerce(message.PageSize);
        (DateTimeOffset At, Guid Id)? after = tokens.Read(message, message.PageToken)?.Split('/') is [var ticks, var id]
            ? (new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero), Guid.ParseExact(id, "D")) : null;
        var rows = await database.ReadAsync(
            tx => tx.QueryAsync(
                Select, static row => (Id: row.GetGuid(0), At: row.GetFieldValue<DateTimeOffset>(7), Rewrap: RequesterRewraps.Read(row)), after?.At, after?.Id, size + 1),
            context.CancellationToken);
        return new ListRequesterRewrapsResponse
        {
            Rewraps = { rows.Take(size).Select(static row => row.Rewrap) },
            NextPageToken = rows.Count > size ? tokens.Issue(message, string.Create(CultureInfo.InvariantCulture, $"{rows[size - 1].At.UtcTicks}/{rows[size - 1].Id:D}")) : "",
        };
    }
}
