using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Postgres;

namespace Poc.Intake.Requesters;

/// <summary>The record of opened seals, newest first.</summary>
internal sealed class ListRequesterReleases(Database database, PageTokens tokens)
{
    private const string Select =
        """
        SELECT l.id, r.partner_id, l.request, l.released_to, l.motivation, l.released_at
        FROM requester_releases AS l JOIN requests AS r ON r.id = l.request
        WHERE ($1::uuid IS NULL OR l.request = $1) AND ($2::timestamptz IS NULL OR (l.released_at, l.id) < ($2, $3::uuid))
        ORDER BY l.released_at DESC, l.id DESC
        LIMIT $4
        """;

    public async Task<ListRequesterReleasesResponse> HandleAsync(ListRequesterReleasesRequest message, ServerCallContext context)
    {
        var wellFormed = RequestName.TryParse(message.Request, out var name);
        new Violations().Require(message.Request.Length == 0 || wellFormed, "request", $"must be a name like {RequestName.Pattern}, as it was given").ThrowIfAny();
        var size = PageSize.Coerce(message.PageSize);
        (DateTimeOffset At, Guid Id)? after = tokens.Read(message, message.PageToken)?.Split('/') is [var ticks, var id]
            ? (new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero), Guid.ParseExact(id, "D")) : null;
        var rows = await database.ReadAsync(
            tx => tx.QueryAsync(
                Select,
                static row => (Id: row.GetGuid(0), At: row.GetFieldValue<DateTimeOffset>(5), Release: new RequesterRelease
                {
                    Name = $"requesterReleases/{row.GetGuid(0):D}",
                    Request = new RequestName(row.GetString(1), row.GetGuid(2)).ToString(),
                    ReleasedTo = row.GetString(3),
                    Motivation = row.GetString(4),
                    ReleasedAt = row.GetFieldValue<DateTimeOffset>(5).ToTimestamp(),
                }),
                wellFormed ? name.Id : null, after?.At, after?.Id, size + 1),
            context.CancellationToken);
        return new ListRequesterReleasesResponse
        {
            Releases = { rows.Take(size).Select(static row => row.Release) },
            NextPageToken = rows.Count > size ? tokens.Issue(message, string.Create(CultureInfo.InvariantCulture, $"{rows[size - 1].At.UtcTicks}/{rows[size - 1].Id:D}")) : "",
        };
    }
}
