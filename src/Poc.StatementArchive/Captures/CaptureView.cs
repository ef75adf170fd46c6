using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Captures;

/// <summary>Reads what is recorded of captures.</summary>
public sealed class CaptureView(KeyStore keys)
{
    private const string Columns =
        """
        SELECT c.capture_id, c.source, c.media_type, c.size_bytes, c.key_group, c.entry_id, c.sealed, c.captured_at, e.index
        FROM captures AS c JOIN log_entries AS e USING (entry_id)
        """;

    private const string BySourceSql = $"{Columns} WHERE c.source = $1";

    private const string ByIdSql = $"{Columns} WHERE c.capture_id = $1";

    /// <summary>The capture of a source; null when there is none.</summary>
    public async Task<Capture?> OfSourceAsync(Tx tx, string source) => await OpenAsync(tx, await tx.QuerySingleOrDefaultAsync(BySourceSql, Read, source));

    /// <summary>A capture; null when there is none of that id.</summary>
    public async Task<Capture?> FindAsync(Tx tx, Guid id) => await OpenAsync(tx, await tx.QuerySingleOrDefaultAsync(ByIdSql, Read, id));

    /// <exception cref="Poc.Grpc.RpcError">DATA_LOSS CONTENT_CHANGED; FAILED_PRECONDITION OBJECT_ERASED.</exception>
    private async Task<Capture?> OpenAsync(Tx tx, Row? row)
    {
        if (row is null)
        {
            return null;
        }

        var key = await keys.FindAsync(row.Id, row.Group, tx.Cancellation) ?? throw ArchiveErrors.ObjectErased(row.Capture.Name);
        var evidence = key.Open(row.EntryId, row.Sealed) ?? throw ArchiveErrors.ContentChanged(row.Capture.LogIndex);
        if (evidence.Record is { } record)
        {
            var said = EvidenceRecord.Read<Capture>(record);
            (row.Capture.SourceUrl, row.Capture.Tool, row.Capture.Collector, row.Capture.Saved, row.Capture.DetectedMediaType)
                = (said.SourceUrl, said.Tool, said.Collector, said.Saved, said.DetectedMediaType);
        }

        row.Capture.Sha256 = ByteString.CopyFrom(evidence.Sha256);
        row.Capture.CommitmentNonce = ByteString.CopyFrom(evidence.Nonce);
        return row.Capture;
    }

    private static Row Read(Npgsql.NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetString(4), row.GetGuid(5), row.GetFieldValue<byte[]>(6),
        new Capture
        {
            Name = $"captures/{row.GetGuid(0):D}",
            Source = row.GetString(1),
            MediaType = row.GetString(2),
            SizeBytes = row.GetInt64(3),
            CapturedAt = row.GetFieldValue<DateTimeOffset>(7).ToTimestamp(),
            LogIndex = row.GetInt64(8),
        });

    private sealed record Row(Guid Id, string Group, Guid EntryId, byte[] Sealed, Capture Capture);
}
