using Poc.Contracts.Notification.V1;
using Poc.Postgres;

namespace Poc.Notification.Deliveries;

/// <summary>The duties of staff who have no recipient record yet. They are told of them when they get one.</summary>
internal static class WaitingDuties
{
    /// <summary>Why somebody is told whose duty an event is.</summary>
    public const string Reason = "panel member";

    // In the order of names, so that two panels with the same members do not wait for each other in a circle.
    private const string LockSql = """
        SELECT pg_advisory_xact_lock(hashtextextended('duties of ' || name, 0)) FROM (SELECT name FROM unnest($1) AS name ORDER BY name) AS ordered
        """;

    private const string KeepSql = """
        INSERT INTO waiting_duties (staff, event_id, event_kind, resource)
        SELECT name, $2, $3, $4 FROM unnest($1) AS name WHERE NOT EXISTS (SELECT FROM recipients WHERE staff = name)
        ON CONFLICT ON CONSTRAINT pk_waiting_duties DO NOTHING
        RETURNING staff
        """;

    private const string TakeSql = "DELETE FROM waiting_duties WHERE staff = $1 RETURNING event_id, event_kind, resource, created_at";

    /// <summary>Keeps apart, to the end of the transaction, telling these people and registering them: else a duty could fall between the two.</summary>
    public static Task LockAsync(Tx tx, string[] staff) => tx.QueryAsync(LockSql, static _ => true, (object)staff);

    /// <summary>Keeps the duty for those of them who have no record. Under the lock.</summary>
    /// <returns>For whom it was kept.</returns>
    public static Task<IReadOnlyList<string>> KeepAsync(Tx tx, Cause cause, string[] staff) =>
        tx.QueryAsync(KeepSql, static row => row.GetString(0), staff, cause.EventId, EnumText<EventKind>.Of(cause.Kind), cause.Resource);

    /// <summary>Takes what was kept for a member of staff, oldest first. Under the lock, in the transaction that tells it.</summary>
    public static async Task<IReadOnlyList<Cause>> TakeAsync(Tx tx, string staff) =>
    [
        .. (await tx.QueryAsync(
                TakeSql,
                static row => (
                    Cause: new Cause(row.GetGuid(0), EnumText<EventKind>.Parse(row.GetString(1)), row.GetString(2)),
                    CreatedAt: row.GetFieldValue<DateTimeOffset>(3)),
                staff))
            .OrderBy(static duty => duty.CreatedAt)
            .Select(static duty => duty.Cause),
    ];
}
