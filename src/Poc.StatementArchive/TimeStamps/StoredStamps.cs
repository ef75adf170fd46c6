using Poc.Postgres;

namespace Poc.StatementArchive.TimeStamps;

/// <summary>A stamp that is stored.</summary>
/// <param name="Size">Size of the tree that was stamped.</param>
/// <param name="Authority">By whom.</param>
/// <param name="Token">RFC 3161, DER.</param>
public sealed record StoredStamp(long Size, string Authority, byte[] Token);

/// <summary>How far an authority has stamped.</summary>
/// <param name="Authority">Which.</param>
/// <param name="Size">Size of the largest tree that it stamped; 0 before the first.</param>
/// <param name="StampedAt">When, by its clock; null before the first.</param>
/// <param name="Token">The stamp; null before the first.</param>
/// <param name="SinceLast">How long ago the stamp came; null before the first.</param>
/// <param name="UnstampedAge">How long ago the first checkpoint after that was signed; zero when there is none.</param>
public sealed record StampState(string Authority, long Size, DateTimeOffset? StampedAt, byte[]? Token, TimeSpan? SinceLast, TimeSpan UnstampedAge);

/// <summary>What is stored of time-stamps.</summary>
internal static class StoredStamps
{
    // The empty tree says nothing that a time would be of interest for.
    private const string StatesSql = """
        SELECT wanted.authority, coalesce(t.size, 0), t.stamped_at, t.token, now() - t.received_at, coalesce(greatest(now() - next.signed_at, interval '0'), interval '0')
        FROM unnest($1::text[]) WITH ORDINALITY AS wanted (authority, place)
        LEFT JOIN LATERAL (SELECT size, stamped_at, token, received_at FROM log_timestamps WHERE authority = wanted.authority ORDER BY size DESC LIMIT 1) t ON true
        LEFT JOIN LATERAL (SELECT signed_at FROM log_checkpoints WHERE size > coalesce(t.size, 0) ORDER BY size LIMIT 1) next ON true
        ORDER BY wanted.place
        """;

    // Of each entry the first stamped tree that has it says most; the tree of the export has them all.
    private const string OfEntriesSql = """
        SELECT size, authority, token FROM log_timestamps
        WHERE size = $2 OR size IN (
            SELECT first.size FROM unnest($1::bigint[]) AS entry (index)
            CROSS JOIN LATERAL (SELECT size FROM log_timestamps WHERE size > entry.index AND size <= $2 ORDER BY size LIMIT 1) first)
        ORDER BY size, authority
        """;

    private const string AddSql = """
        INSERT INTO log_timestamps (size, authority, token, stamped_at) VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT pk_log_timestamps DO NOTHING
        """;

    /// <summary>How far each of these authorities has stamped, in their order.</summary>
    public static Task<IReadOnlyList<StampState>> StatesAsync(Tx tx, string[] authorities) => tx.QueryAsync(
        StatesSql,
        static row => new StampState(
            row.GetString(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2), row.IsDBNull(3) ? null : row.GetFieldValue<byte[]>(3),
            row.IsDBNull(4) ? null : row.GetTimeSpan(4), row.GetTimeSpan(5)),
        (object)authorities);

    /// <summary>The stamps that say since when these entries exist, none over a larger tree than <paramref name="size"/>.</summary>
    public static Task<IReadOnlyList<StoredStamp>> OfEntriesAsync(Tx tx, long[] indices, long size) => tx.QueryAsync(
        OfEntriesSql, static row => new StoredStamp(row.GetInt64(0), row.GetString(1), row.GetFieldValue<byte[]>(2)), indices, size);

    /// <summary>Keeps a verified stamp.</summary>
    public static Task AddAsync(Tx tx, StoredStamp stamp, DateTimeOffset stampedAt) => tx.ExecuteAsync(AddSql, stamp.Size, stamp.Authority, stamp.Token, stampedAt);
}
