using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Notification.Deliveries;

/// <summary>Deliveries of a plan or to a recipient, oldest first. A plan or a recipient that does not exist has none.</summary>
internal sealed class ListDeliveries(Database database, PageTokens pages)
{
    private const string PageSql = """
        SELECT delivery_id, recipient_id, channel, class, state, decision_id, wave, attempts, created_at, sent_at, acknowledged_at, reason
        FROM deliveries
        WHERE ($1::text IS NULL OR decision_id = $1) AND ($2::text IS NULL OR recipient_id = $2) AND (created_at, delivery_id) > ($3, $4)
        ORDER BY created_at, delivery_id
        LIMIT $5
        """;

    public async Task<ListDeliveriesResponse> HandleAsync(ListDeliveriesRequest request, CancellationToken cancellation)
    {
        var violations = new Violations();
        if (request.Plan.Length > 0)
        {
            violations.Name("plan", request.Plan, ResourceNames.PlanPattern);
        }

        if (request.Recipient.Length > 0)
        {
            violations.Name("recipient", request.Recipient, ResourceNames.RecipientPattern);
        }

        violations.ThrowIfAny();
        var size = PageSize.Coerce(request.PageSize);
        var after = Position.Parse(pages.Read(request, request.PageToken));
        // One more than asked for tells whether there is a next page.
        var rows = await database.ReadAsync(
            tx => tx.QueryAsync(PageSql, Map, IdOrNull(request.Plan), IdOrNull(request.Recipient), after.CreatedAt, after.DeliveryId, size + 1), cancellation);
        var response = new ListDeliveriesResponse { Deliveries = { rows.Take(size).Select(static row => row.Delivery) } };
        if (rows.Count > size)
        {
            response.NextPageToken = pages.Issue(request, rows[size - 1].Position.ToString());
        }

        return response;
    }

    private static string? IdOrNull(string name) => name.Length == 0 ? null : ResourceNames.Id(name);

    private static (Delivery Delivery, Position Position) Map(NpgsqlDataReader row)
    {
        var position = new Position(row.GetFieldValue<DateTimeOffset>(8), row.GetGuid(0));
        return (new Delivery
        {
            Name = ResourceNames.Delivery(position.DeliveryId),
            Recipient = ResourceNames.Recipient(row.GetString(1)),
            Channel = EnumText<Channel>.Parse(row.GetString(2)),
            NotificationClass = EnumText<NotificationClass>.Parse(row.GetString(3)),
            State = EnumText<Delivery.Types.State>.Parse(row.GetString(4)),
            Plan = row.IsDBNull(5) ? "" : ResourceNames.Plan(row.GetString(5)),
            Wave = row.IsDBNull(6) ? 0 : row.GetInt32(6),
            Attempts = row.GetInt32(7),
            CreatedAt = Timestamp.FromDateTimeOffset(position.CreatedAt),
            SentAt = row.TimestampOrNull(9),
            AcknowledgedAt = row.TimestampOrNull(10),
            Reason = row.GetString(11),
        }, position);
    }

    // Where a page begins: after this delivery.
    private readonly record struct Position(DateTimeOffset CreatedAt, Guid DeliveryId)
    {
        public static Position Parse(string? text)
        {
            if (text is null)
            {
                return new Position(DateTimeOffset.UnixEpoch, Guid.Empty);
            }

            var parts = text.Split(' ');
            return new Position(new DateTimeOffset(long.Parse(parts[0], CultureInfo.InvariantCulture), TimeSpan.Zero), Guid.Parse(parts[1]));
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedAt.UtcTicks} {DeliveryId}");
    }
}
