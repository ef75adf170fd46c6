using Poc.Contracts.Notification.V1;
using Poc.Postgres;

namespace Poc.Notification.Deliveries;

/// <summary>
/// Tells of an event whoever subscribed to it and whose duty it is. A duty goes over every channel that the person has, whatever they subscribed to, and says
/// so; who is told for two reasons is told once, for the stronger one.
/// </summary>
internal sealed class Notices(DeliveryWriter deliveries, ILogger<Notices> logger)
{
    private const string RecipientsSql = """
        SELECT told.recipient_id, told.channel, bool_or(told.duty)
        FROM (
            SELECT s.recipient_id, unnest(s.channels) AS channel, false AS duty
            FROM subscriptions s
            WHERE s.event_kind = $1 AND (s.subject IS NULL OR s.subject = $2)
            UNION ALL
            SELECT r.recipient_id, way.channel, true
            FROM recipients r CROSS JOIN (VALUES ('EMAIL'), ('INBOX')) AS way (channel)
            WHERE r.staff = ANY($3) AND (way.channel = 'INBOX' OR r.email IS NOT NULL)) AS told
        GROUP BY told.recipient_id, told.channel
        ORDER BY told.recipient_id, told.channel
        """;

    /// <param name="tx">The transaction.</param>
    /// <param name="cause">What is told.</param>
    /// <param name="subject"><c>subjects/{s}</c> it is about; null: about nobody on record.</param>
    /// <param name="urgent">It cannot wait for its turn.</param>
    /// <param name="duty"><c>staff/{s}</c> who are told in any case, as members of a panel.</param>
    public async Task TellAsync(Tx tx, Cause cause, string? subject, bool urgent = false, IReadOnlyList<string>? duty = null)
    {
        var members = duty?.ToArray() ?? [];
        var ordinary = urgent ? NotificationClass.Urgent : NotificationClass.Normal;
        await WaitingDuties.LockAsync(tx, members);
        var wanted = await tx.QueryAsync(
            RecipientsSql,
            row => row.GetBoolean(2)
                ? new NewDelivery(row.GetString(0), EnumText<Channel>.Parse(row.GetString(1)), NotificationClass.Duty, WaitingDuties.Reason)
                : new NewDelivery(row.GetString(0), EnumText<Channel>.Parse(row.GetString(1)), ordinary, "subscribed"),
            EnumText<EventKind>.Of(cause.Kind),
            subject,
            members);
        await deliveries.WriteAsync(tx, cause, wanted);
        foreach (var member in await WaitingDuties.KeepAsync(tx, cause, members))
        {
            logger.LogWarning("{Member} has a duty from {Resource} and no recipient record; it waits for one", member, cause.Resource);
        }
    }
}
