using System.Runtime.CompilerServices;
using Poc.Postgres;

namespace Poc.Intake.Attachments;

/// <summary>Reads an attachment's bytes, one stored block at a time: nothing holds a whole file in memory, and no transaction stays open while a reader is slow.</summary>
internal static class AttachmentBytes
{
    private const string SelectBlock =
        """
        SELECT position, data
        FROM attachment_chunks
        WHERE attachment = $1 AND position <= $2
        ORDER BY position DESC
        LIMIT 1
        """;

    /// <summary>What is on disk from <paramref name="offset"/> on, in blocks of at most 1 MiB.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Database database, Guid attachment, long offset, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var at = offset;
            var (position, data) = await database.ReadAsync(
                tx => tx.QuerySingleOrDefaultAsync(SelectBlock, static row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)), attachment, at), cancellation);
            if (data is null || offset >= position + data.Length)
            {
                yield break;
            }

            yield return data.AsMemory((int)(offset - position));
            offset = position + data.Length;
        }
    }
}
