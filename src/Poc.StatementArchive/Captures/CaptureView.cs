using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;

namespace Poc.StatementArchive.Captures;

/// <summary>Reads what is recorded of captures.</summary>
internal static class CaptureView
{
    private const string Columns =
        """
        SELECT c.capture_id, c.source, c.media_type, c.size_bytes, c.sha256, c.captured_at, e.index, c.nonce
        FROM captures AS c JOIN log_entries AS e USING (entry_id)
        """;

    private const string BySourceSql = $"{Columns} WHERE c.source = $1";

    private const string ByIdSql = $"{Columns} WHERE c.capture_id = $1";

    /// <summary>The capture of a source; null when there is none.</summary>
    public static Task<Capture?> OfSourceAsync(Tx tx, string source) => tx.QuerySingleOrDefaultAsync(BySourceSql, Read, source);

    /// <summary>A capture; null when there is none of that id.</summary>
    public static Task<Capture?> FindAsync(Tx tx, Guid id) => tx.QuerySingleOrDefaultAsync(ByIdSql, Read, id);

    private static Capture Read(Npgsql.NpgsqlDataReader row) => new()
    {
        Name = $"captures/{row.GetGuid(0):D}",
        Source = row.GetString(1),
        MediaType = row.GetString(2),
        SizeBytes = row.GetInt64(3),
        Sha256 = ByteString.CopyFrom(row.GetFieldValue<byte[]>(4)),
        CapturedAt = row.GetFieldValue<DateTimeOffset>(5).ToTimestamp(),
        LogIndex = row.GetInt64(6),
        CommitmentNonce = ByteString.CopyFrom(row.GetFieldValue<byte[]>(7)),
    };
}
