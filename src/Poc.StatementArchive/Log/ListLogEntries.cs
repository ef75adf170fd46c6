using Google.Protobuf;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.StatementArchive.Log;

/// <summary>Hands out entries of the log for an audit.</summary>
public sealed class ListLogEntries(Database database, LogReader reader)
{
    // A message has at most 4 MiB, an entry at most 64 KiB.
    private const long MaxBytes = 3 * 1024 * 1024;

    // Only what the newest checkpoint covers: an auditor is given nothing that cannot be proven. A page ends early where it would be too large.
    private const string EntriesSql = """
        SELECT body FROM (
            SELECT index, body, sum(octet_length(body)) OVER (ORDER BY index) AS total
            FROM log_entries WHERE index >= $1 AND index < $2 ORDER BY index LIMIT $3) page
        WHERE total <= $4 ORDER BY index
        """;

    /// <summary>Entries as they were hashed, in order from <c>start</c>.</summary>
    public Task<ListLogEntriesResponse> HandleAsync(ListLogEntriesRequest request, CancellationToken cancellation)
    {
        new Violations().Require(request.Start >= 0, "start", "must not be negative").ThrowIfAny();
        var limit = PageSize.Coerce(request.PageSize, @default: 100, max: 1_000);
        return database.ReadAsync(async tx =>
        {
            var newest = await reader.NewestAsync(tx);
            var size = newest.Tree.Size;
            var entries = await tx.QueryAsync(EntriesSql, row => ByteString.CopyFrom(row.GetFieldValue<byte[]>(0)), request.Start, size, limit, MaxBytes);
            return new ListLogEntriesResponse { Entries = { entries }, TreeSize = size };
        }, cancellation);
    }
}
