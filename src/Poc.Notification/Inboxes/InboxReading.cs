using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Notification.Inboxes;

/// <summary>
/// Reads of inboxes. Items become visible in the order of their cursors (see table <c>inboxes</c>), so the last cursor read is where to go on.
/// </summary>
internal static class InboxReading
{
    private const string OwnerSql = "SELECT recipient_id FROM recipients WHERE staff = $1";

    private const string ItemsSql = """
        SELECT cursor, class, event_kind, resource, reason, created_at, event_id FROM inbox_items
        WHERE recipient_id = $1 AND cursor > $2
        ORDER BY cursor
        LIMIT $3
        """;

    /// <summary>Id of the recipient whose inbox the caller's is.</summary>
    /// <exception cref="RpcError">NOT_FOUND RECIPIENT_NOT_FOUND: nobody registered the caller, which an empty inbox would hide.</exception>
    public static async Task<string> OwnerAsync(Tx tx, Caller caller) =>
        await tx.QuerySingleOrDefaultAsync(OwnerSql, static row => row.GetString(0), caller.Id) ?? throw NotificationErrors.RecipientNotFound(caller.Id);

    /// <summary>The items after a cursor, in order.</summary>
    public static Task<IReadOnlyList<InboxItem>> ItemsAsync(Tx tx, string recipientId, long afterCursor, int atMost) =>
        tx.QueryAsync(
            ItemsSql,
            static row => new InboxItem
            {
                Cursor = row.GetInt64(0),
                NotificationClass = EnumText<NotificationClass>.Parse(row.GetString(1)),
                EventKind = EnumText<EventKind>.Parse(row.GetString(2)),
                Resource = row.GetString(3),
                Reason = row.GetString(4),
                CreatedAt = row.TimestampOrNull(5),
                EventId = row.GetGuid(6).ToString(),
            },
            recipientId,
            afterCursor,
            atMost);
}
