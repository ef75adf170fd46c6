using Microsoft.Extensions.Options;
using Poc.Contracts.Events.Notification.V1;
using Poc.Contracts.Notification.V1;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Notification.Deliveries;

/// <summary>How an attempt ended.</summary>
/// <param name="Code">The server's reply code, or a word of ours; never its text, which can repeat the address.</param>
/// <param name="IsFinal">Another attempt would end the same way.</param>
internal readonly record struct AttemptOutcome(bool IsSent, string Code, bool IsFinal = false);

/// <summary>
/// The mail that waits, as rows. An attempt takes a row under a lease, which ends by itself if the replica dies. Mail is sent at least once: a replica that
/// dies between the server's answer and the record of it leaves a mail that is sent again, with the same Message-ID.
/// </summary>
internal sealed class MailQueue(Database database, IdSource ids, IOptions<MailOptions> options)
{
    private const string ClaimSql = """
        UPDATE deliveries d
        SET lease = $1, next_attempt_at = now() + $2, attempts = d.attempts + 1
        FROM (SELECT delivery_id FROM deliveries
              WHERE state = 'QUEUED' AND next_attempt_at <= now()
              ORDER BY next_attempt_at LIMIT 1
              FOR UPDATE SKIP LOCKED) due, recipients r
        WHERE d.delivery_id = due.delivery_id AND r.recipient_id = d.recipient_id
        RETURNING d.delivery_id, d.attempts, d.recipient_id, d.class, d.reference, r.email, r.language, d.created_at, d.traceparent, d.tracestate
        """;

    private const string NextSql = "SELECT min(next_attempt_at) - now() FROM deliveries WHERE state = 'QUEUED'";

    private const string AttemptSql = """
        INSERT INTO delivery_attempts (delivery_id, attempt, code, latency_ms) VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT pk_delivery_attempts DO NOTHING
        """;

    private const string SentSql = """
        UPDATE deliveries SET state = 'SENT', sent_at = now(), reference = NULL, next_attempt_at = NULL, lease = NULL
        WHERE delivery_id = $1 AND lease = $2 AND state = 'QUEUED'
        """;

    private const string LaterSql = """
        UPDATE deliveries SET next_attempt_at = now() + $3, lease = NULL WHERE delivery_id = $1 AND lease = $2 AND state = 'QUEUED'
        """;

    private const string DeadSql = """
        UPDATE deliveries SET state = 'DEAD', reference = NULL, next_attempt_at = NULL, lease = NULL
        WHERE delivery_id = $1 AND lease = $2 AND state = 'QUEUED'
        RETURNING now()
        """;

    /// <summary>The time until something is due: not positive when something is, null when nothing waits.</summary>
    public Task<TimeSpan?> NextAsync(CancellationToken cancellation) =>
        database.ReadAsync(static tx => tx.ScalarAsync<TimeSpan?>(NextSql), cancellation);

    /// <summary>Takes the mail that is due longest; null when none is, or when others have taken it.</summary>
    public Task<DueMail?> ClaimAsync(CancellationToken cancellation)
    {
        var lease = ids.Next();
        return database.InTransactionAsync(
            tx => tx.QuerySingleOrDefaultAsync(
                ClaimSql,
                row => new DueMail(
                    row.GetGuid(0),
                    lease,
                    row.GetInt32(1),
                    row.GetString(2),
                    EnumText<NotificationClass>.Parse(row.GetString(3)),
                    row.GetString(4),
                    row.GetString(5),
                    row.GetString(6),
                    row.GetFieldValue<DateTimeOffset>(7),
                    row.IsDBNull(8) ? null : row.GetString(8),
                    row.IsDBNull(9) ? null : row.GetString(9)),
                lease,
                options.Value.Lease),
            cancellation);
    }

    /// <summary>
    /// Records how an attempt ended: sent, to be tried again after a growing wait, or given up. Changes nothing but the log when the lease has passed to
    /// another attempt.
    /// </summary>
    /// <returns>The state that the delivery has by it.</returns>
    public Task<Delivery.Types.State> RecordAsync(DueMail mail, AttemptOutcome outcome, TimeSpan latency, CancellationToken cancellation) =>
        database.InTransactionAsync(
            async tx =>
            {
                await tx.ExecuteAsync(AttemptSql, mail.DeliveryId, mail.Attempt, outcome.Code, (int)latency.TotalMilliseconds);
                if (outcome.IsSent)
                {
                    await tx.ExecuteAsync(SentSql, mail.DeliveryId, mail.Lease);
                    return Delivery.Types.State.Sent;
                }

                if (!outcome.IsFinal && mail.Attempt < options.Value.MaxAttempts)
                {
                    var wait = Backoff.After(mail.Attempt, options.Value.RetryFirst, options.Value.RetryLongest, Random.Shared.NextDouble());
                    await tx.ExecuteAsync(LaterSql, mail.DeliveryId, mail.Lease, wait);
                    return Delivery.Types.State.Queued;
                }

                await GiveUpAsync(tx, mail, outcome.Code);
                return Delivery.Types.State.Dead;
            },
            cancellation);

    private async Task GiveUpAsync(Tx tx, DueMail mail, string code)
    {
        var given = await tx.QuerySingleOrDefaultAsync(
            DeadSql, static row => (DateTimeOffset?)row.GetFieldValue<DateTimeOffset>(0), mail.DeliveryId, mail.Lease);
        if (given is not { } now)
        {
            return;
        }

        var (delivery, recipient) = (ResourceNames.Delivery(mail.DeliveryId), ResourceNames.Recipient(mail.RecipientId));
        await Outbox.AddAsync(tx, new DeliveryFailed(ids.Next(), delivery, Version: 1, now, recipient, EnumText<Channel>.Of(Channel.Email), code));
    }
}
