using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Notification.Plans;
using Poc.Postgres;

namespace Poc.Notification.Deliveries;

/// <summary>
/// Acknowledges a message by the secret it carried. When it was the last one that a wave waited for, the next wave opens in the same transaction. Repeating it
/// answers with the first time.
/// </summary>
internal sealed class AcknowledgeDelivery(Database database, PlanProgress progress)
{
    /// <summary>Longest reference that is looked at, in characters; a real one has 32.</summary>
    public const int MaxReference = 128;

    // Also from QUEUED and DEAD: whoever has the secret has the mail, whatever was recorded of its sending. An acknowledged mail needs no further attempt.
    private const string AcknowledgeSql = """
        UPDATE deliveries
        SET state = 'ACKNOWLEDGED', acknowledged_at = now(), sent_at = COALESCE(sent_at, now()), reference = NULL, next_attempt_at = NULL, lease = NULL
        WHERE reference_sha256 = $1 AND state <> 'ACKNOWLEDGED'
        RETURNING acknowledged_at, decision_id
        """;

    private const string AcknowledgedSql = "SELECT acknowledged_at FROM deliveries WHERE reference_sha256 = $1";

    public Task<AcknowledgeDeliveryResponse> HandleAsync(AcknowledgeDeliveryRequest request, CancellationToken cancellation)
    {
        new Violations().NotBlank("reference", request.Reference).MaxLength("reference", request.Reference, MaxReference).ThrowIfAny();
        return database.InTransactionAsync(tx => ApplyAsync(tx, DeliveryWriter.Sha256(request.Reference)), cancellation);
    }

    private async Task<AcknowledgeDeliveryResponse> ApplyAsync(Tx tx, byte[] reference)
    {
        var acknowledged = await tx.QuerySingleOrDefaultAsync(
            AcknowledgeSql, static row => new Acknowledged(row.TimestampOrNull(0)!, row.IsDBNull(1) ? null : row.GetString(1)), reference);
        if (acknowledged is null)
        {
            var before = await tx.QuerySingleOrDefaultAsync(AcknowledgedSql, static row => row.TimestampOrNull(0), reference);
            return new AcknowledgeDeliveryResponse { AcknowledgedAt = before ?? throw NotificationErrors.ReferenceUnknown() };
        }

        if (acknowledged.DecisionId is { } decisionId)
        {
            // After the update: of two that acknowledge at once, the one that gets the lock later sees both.
            await PlanProgress.LockAsync(tx);
            await progress.TakeStepsAsync(tx, decisionId, WaveRules.Advance(await PlanProgress.WavesAsync(tx, decisionId)));
        }

        return new AcknowledgeDeliveryResponse { AcknowledgedAt = acknowledged.At };
    }

    private sealed record Acknowledged(Timestamp At, string? DecisionId);
}
