using Poc.Contracts.Notification.V1;
using Poc.Postgres;

namespace Poc.Notification.Deliveries;

/// <summary>
/// Tells of an event whoever subscribed to it and whose duty it is. A duty goes over every channel that the person has, whatever they subscribed to, and says
/// so, and so does what somebody must know by their role; who is told for two reasons is told once, for the strongest one.
/// </summary>
internal sealed class Notices(DeliveryWriter deliveries, ILogger<Notices> logger)
{
    // Weight: 0 subscribed, 1 told by their role, 2 a duty. Staff alone are told of what they watch by another subscription, and alone can do without the mail of what their inbox has.
    private const string RecipientsSql = """
        SELECT told.recipient_id, told.channel, max(told.weight)
        FROM (
            SELECT s.recipient_id, way.channel, 0 AS weight
            FROM subscriptions s JOIN recipients r ON r.recipient_id = s.recipient_id CROSS JOIN LATERAL unnest(s.channels) AS way (channel)
            WHERE (s.event_kind = $1 OR s.event_kind = $5 AND r.audience = 'STAFF') AND (s.subject IS NULL OR s.subject = ANY($2))
                AND NOT ($6 AND way.channel = 'EMAIL' AND r.audience = 'STAFF' AND 'INBOX' = ANY(s.channels))
            UNION ALL
            SELECT r.recipient_id, way.channel, CASE WHEN r.staff = ANY($3) THEN 2 ELSE 1 END
            FROM recipients r CROSS JOIN (VALUES ('EMAIL'), ('INBOX')) AS way (channel)
            WHERE (r.staff = ANY($3) OR r.roles && $4) AND (way.channel = 'INBOX' OR r.email IS NOT NULL)) AS told
        GROUP BY told.recipient_id, told.channel
        ORDER BY told.recipient_id, told.channel
        """;

    /// <summary>Why somebody is told who must know by their role.</summary>
    public const string RoleReason = "mandatory recipient";

    /// <param name="tx">The transaction.</param>
    /// <param name="cause">What is told.</param>
    /// <param name="subject"><c>subjects/{s}</c> it is about; null: about nobody on record.</param>
    /// <param name="urgent">It cannot wait for its turn.</param>
    /// <param name="duty"><c>staff/{s}</c> who are told in any case, as members of a panel.</param>
    public Task TellAsync(Tx tx, Cause cause, string? subject, bool urgent = false, IReadOnlyList<string>? duty = null) =>
        TellAsync(tx, cause, new Whom(subject is null ? [] : [subject]) { Urgent = urgent, Duty = duty ?? [] });

    /// <summary>The same for what is told to more than subscribers.</summary>
    public async Task TellAsync(Tx tx, Cause cause, Whom whom)
    {
        var members = whom.Duty.ToArray();
        var ordinary = whom.Urgent ? NotificationClass.Urgent : NotificationClass.Normal;
        await WaitingDuties.LockAsync(tx, members);
        var wanted = await tx.QueryAsync(
            RecipientsSql,
            row => row.GetInt32(2) switch
            {
                2 => new NewDelivery(row.GetString(0), EnumText<Channel>.Parse(row.GetString(1)), NotificationClass.Duty, WaitingDuties.Reason),
                1 => new NewDelivery(row.GetString(0), EnumText<Channel>.Parse(row.GetString(1)), ordinary, RoleReason),
                _ => new NewDelivery(row.GetString(0), EnumText<Channel>.Parse(row.GetString(1)), ordinary, "subscribed"),
            },
            EnumText<EventKind>.Of(cause.Kind),
            whom.Subjects.ToArray(),
            members,
            whom.Roles.ToArray(),
            whom.WhoWatch is { } watched ? EnumText<EventKind>.Of(watched) : null,
            whom.InInboxAlone);
        await deliveries.WriteAsync(tx, cause, wanted);
        foreach (var member in await WaitingDuties.KeepAsync(tx, cause, members))
        {
            logger.LogWarning("{Member} has a duty from {Resource} and no recipient record; it waits for one", member, cause.Resource);
        }
    }
}

/// <summary>Who is told of something, beside those who subscribed to it.</summary>
/// <param name="Subjects"><c>subjects/{s}</c> it is about: who subscribed to one of them alone is told of it too.</param>
internal sealed record Whom(IReadOnlyList<string> Subjects)
{
    /// <summary>It cannot wait for its turn.</summary>
    public bool Urgent { get; init; }

    /// <summary><c>staff/{s}</c> who are told in any case, as members of a panel.</summary>
    public IReadOnlyList<string> Duty { get; init; } = [];

    /// <summary>Roles that must know of it.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Staff who subscribed to this kind are told too.</summary>
    public EventKind? WhoWatch { get; init; }

    /// <summary>Staff whose inbox has it are not mailed of it.</summary>
    public bool InInboxAlone { get; init; }
}
