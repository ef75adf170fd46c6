using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>A page of requests, newest first. A page begins after the last request of the page before, so that new ones neither repeat nor push any out.</summary>
internal sealed class ListRequests(Database database, PageTokens tokens)
{
    private const string Matching = "($1::text IS NULL OR partner_id = $1) AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR COALESCE(confirmed_subject, subject) = $3)";

    // Stands for a condition of RequestFilter, which is made of that class's own words alone and has all values as parameters.
    private const string Filter = ":filter";

    private const string SelectPage =
        $"""
        SELECT {RequestRow.Columns}
        FROM requests
        WHERE {Matching} AND ($4::timestamptz IS NULL OR (received_at, id) < ($4, $5::uuid)) AND {Filter}
        ORDER BY received_at DESC, id DESC
        LIMIT $6
        """;

    private const string Count = $"SELECT count(*)::integer FROM requests WHERE {Matching} AND {Filter}";

    public async Task<ListRequestsResponse> HandleAsync(ListRequestsRequest message, ServerCallContext context)
    {
        var partner = Partner(message.Parent, context.Caller());
        new Violations()
            .Require(Enum.IsDefined(message.State), "state", "must be one of the values of the enumeration")
            .Require(message.Subject.Length == 0 || message.Subject.StartsWith("subjects/", StringComparison.Ordinal), "subject", "must be a name like subjects/{subject}")
            .ThrowIfAny();
        var size = PageSize.Coerce(message.PageSize);
        var after = ReadCursor(tokens.Read(message, message.PageToken));
        var state = message.State == Request.Types.State.Unspecified ? null : EnumText<Request.Types.State>.Of(message.State);
        var subject = message.Subject.Length == 0 ? null : message.Subject;

        var filter = RequestFilter.Parse(message.Filter);
        var selectPage = SelectPage.Replace(Filter, filter.ToSql(firstParameter: 7), StringComparison.Ordinal);
        var count = Count.Replace(Filter, filter.ToSql(firstParameter: 4), StringComparison.Ordinal);

        var (rows, total) = await database.ReadAsync(async tx => (
            // One more than asked for, which tells whether there is another page.
            await tx.QueryAsync(selectPage, RequestRow.Read, [partner, state, subject, after?.ReceivedAt, after?.Id, size + 1, .. filter.Values]),
            await tx.ScalarAsync<int>(count, [partner, state, subject, .. filter.Values])), context.CancellationToken);

        return new ListRequestsResponse
        {
            Requests = { rows.Take(size).Select(static row => row.ToRequest()) },
            NextPageToken = rows.Count > size ? tokens.Issue(message, Cursor(rows[size - 1])) : "",
            TotalSize = total,
        };
    }

    // Null: of all partners.
    private static string? Partner(string parent, Caller caller)
    {
        if (caller.Is(Roles.Partner))
        {
            return parent.Length == 0 || parent == caller.Id ? caller.Id["partners/".Length..] : throw IntakeErrors.ParentForbidden();
        }

        new Violations().Name("parent", parent, "partners/{partner}").ThrowIfAny();
        return parent == "partners/-" ? null : parent["partners/".Length..];
    }

    private static string Cursor(RequestRow row) => string.Create(CultureInfo.InvariantCulture, $"{row.ReceivedAt.UtcTicks}/{row.Id:D}");

    private static (DateTimeOffset ReceivedAt, Guid Id)? ReadCursor(string? cursor) =>
        cursor?.Split('/') is [var ticks, var id] ? (new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero), Guid.ParseExact(id, "D")) : null;
}
