using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Poc.Contracts.Notification.V1;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Notification.Deliveries;

/// <summary>What is told.</summary>
/// <param name="EventId">The event behind it: nobody is told of the same one twice over one channel.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Resource">Name of what to open; shown in inboxes alone, never mailed.</param>
internal sealed record Cause(Guid EventId, EventKind Kind, string Resource)
{
    /// <summary>Id of the decision whose plan tells it; null for subscriptions and duties.</summary>
    public string? DecisionId { get; init; }

    /// <summary>The wave of that plan.</summary>
    public int? Wave { get; init; }
}

/// <summary>Whom it is told, how, and why.</summary>
internal sealed record NewDelivery(string RecipientId, Channel Channel, NotificationClass Class, string Reason)
{
    /// <summary>The secret that a mail carries; null for one of our own making.</summary>
    public string? Reference { get; init; }
}

/// <summary>Writes messages in the transaction that makes them due: mail into the queue, inbox items at once with the next cursor of their inbox.</summary>
internal sealed class DeliveryWriter(IdSource ids)
{
    /// <summary>The database's channel on which mail senders are told that there is something to do.</summary>
    public const string MailChannel = "mail_queue";

    // 192 bits: nobody meets one by trying, so nothing else guards it.
    private const int ReferenceBytes = 24;

    private const string InsertSql = """
        INSERT INTO deliveries (delivery_id, event_id, recipient_id, channel, class, state, reason, decision_id, wave,
                                reference, reference_sha256, next_attempt_at, sent_at, traceparent, tracestate)
        SELECT d.delivery_id, $1, d.recipient_id, d.channel, d.class, CASE d.channel WHEN 'EMAIL' THEN 'QUEUED' ELSE 'SENT' END, d.reason, $2, $3,
               d.reference, d.reference_sha256, CASE d.channel WHEN 'EMAIL' THEN now() END, CASE d.channel WHEN 'EMAIL' THEN NULL ELSE now() END, $4, $5
        FROM unnest($6, $7, $8, $9, $10, $11, $12) AS d (delivery_id, recipient_id, channel, class, reason, reference, reference_sha256)
        ON CONFLICT ON CONSTRAINT uq_deliveries_event_recipient_channel DO NOTHING
        RETURNING delivery_id
        """;

    // In the order of ids, so that two events for the same people do not wait for each other in a circle.
    private const string LockInboxesSql = "SELECT recipient_id FROM inboxes WHERE recipient_id = ANY($1) ORDER BY recipient_id FOR UPDATE";

    private const string InsertItemsSql = """
        WITH placed AS (
            UPDATE inboxes i SET last_cursor = i.last_cursor + 1
            FROM deliveries d
            WHERE d.delivery_id = ANY($1) AND d.channel = 'INBOX' AND i.recipient_id = d.recipient_id
            RETURNING i.recipient_id, i.last_cursor, d.delivery_id, d.event_id, d.class, d.reason)
        INSERT INTO inbox_items (recipient_id, cursor, delivery_id, event_id, event_kind, resource, class, reason)
        SELECT recipient_id, last_cursor, delivery_id, event_id, $2, $3, class, reason FROM placed
        """;

    private const string NotifyMailSql = $"SELECT pg_notify('{MailChannel}', '')";

    /// <summary>Writes what was not written before for this event, recipient and channel. The current trace becomes the parent of the sending.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="cause">What is told.</param>
    /// <param name="wanted">At most one per recipient and channel.</param>
    public async Task WriteAsync(Tx tx, Cause cause, IReadOnlyList<NewDelivery> wanted)
    {
        if (wanted.Count == 0)
        {
            return;
        }

        var references = wanted.Select(static delivery => delivery.Channel == Channel.Email ? delivery.Reference ?? NewReference() : null).ToArray();
        var trace = Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current : null;
        var written = (await tx.QueryAsync(
            InsertSql,
            static row => row.GetGuid(0),
            cause.EventId,
            cause.DecisionId,
            cause.Wave,
            trace?.Id,
            trace?.TraceStateString,
            wanted.Select(_ => ids.Next()).ToArray(),
            wanted.Select(static delivery => delivery.RecipientId).ToArray(),
            wanted.Select(static delivery => EnumText<Channel>.Of(delivery.Channel)).ToArray(),
            wanted.Select(static delivery => EnumText<NotificationClass>.Of(delivery.Class)).ToArray(),
            wanted.Select(static delivery => delivery.Reason).ToArray(),
            references,
            references.Select(static reference => reference is null ? null : Sha256(reference)).ToArray())).ToArray();
        if (written.Length == 0)
        {
            return;
        }

        var inboxes = wanted.Where(static delivery => delivery.Channel == Channel.Inbox).Select(static delivery => delivery.RecipientId).ToArray();
        if (inboxes.Length > 0)
        {
            await tx.QueryAsync(LockInboxesSql, static row => row.GetString(0), (object)inboxes);
            await tx.ExecuteAsync(InsertItemsSql, written, EnumText<EventKind>.Of(cause.Kind), cause.Resource);
        }

        if (inboxes.Length < wanted.Count)
        {
            await tx.ExecuteAsync(NotifyMailSql);
        }
    }

    /// <summary>By which a reference is found.</summary>
    public static byte[] Sha256(string reference) => SHA256.HashData(Encoding.UTF8.GetBytes(reference));

    private static string NewReference() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(ReferenceBytes));
}
