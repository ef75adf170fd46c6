using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;

namespace Poc.StatementArchive.Erasures;

/// <summary>What remains of erased objects.</summary>
internal static class ErasedObjects
{
    private const string IsErasedSql = "SELECT EXISTS (SELECT 1 FROM erased_objects WHERE name = $1)";

    private const string NameOfSourceSql = "SELECT name FROM erased_objects WHERE source = $1";

    private const string FindSql = """
        SELECT x.object_id, x.name, x.captured_at, x.document, x.erased_at, e.index
        FROM erased_objects x JOIN log_entries e USING (entry_id) WHERE x.name = ANY ($1)
        """;

    private const string FirstEntrySql = "SELECT index, body FROM log_entries WHERE object_id = $1 ORDER BY index LIMIT 1";

    /// <summary>Whether there was an object of that name, and it was erased.</summary>
    public static Task<bool> IsErasedAsync(Tx tx, string name) => tx.ScalarAsync<bool>(IsErasedSql, name);

    /// <summary>The name of the erased capture of a source; null when there is none.</summary>
    public static Task<string?> NameOfSourceAsync(Tx tx, string source) => tx.QuerySingleOrDefaultAsync(NameOfSourceSql, static row => row.GetString(0), source);

    /// <summary>Why those of some objects that were erased are gone, by name.</summary>
    public static async Task<IReadOnlyDictionary<string, Erasure>> FindAsync(Tx tx, IReadOnlyCollection<string> names)
        => (await tx.QueryAsync(FindSql, Read, (object)names.ToArray())).ToDictionary(row => row.Name, row => row.Erasure, StringComparer.Ordinal);

    /// <summary>What remains of an erased statement; null when none of that name was erased.</summary>
    public static async Task<Statement?> StatementAsync(Tx tx, string name)
    {
        if (await tx.QuerySingleOrDefaultAsync(FindSql, Read, (object)new[] { name }) is not { } erased)
        {
            return null;
        }

        var (index, body) = await tx.QuerySingleOrDefaultAsync(FirstEntrySql, static row => (row.GetInt64(0), row.GetFieldValue<byte[]>(1)), erased.ObjectId);
        return new Statement
        {
            Name = name,
            CapturedAt = erased.CapturedAt.ToTimestamp(),
            LogIndex = index,
            LogEntry = ByteString.CopyFrom(body),
            Erasure = erased.Erasure,
        };
    }

    private static Row Read(Npgsql.NpgsqlDataReader row)
    {
        var document = ErasureDocument.Parse(row.GetString(3));
        return new Row(
            row.GetGuid(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2),
            new Erasure
            {
                Reason = document.Reason,
                Authority = document.Authority,
                ProposedBy = document.ProposedBy,
                ConfirmedBy = document.ConfirmedBy,
                ErasedAt = row.GetFieldValue<DateTimeOffset>(4).ToTimestamp(),
                LogIndex = row.GetInt64(5),
            });
    }

    private sealed record Row(Guid ObjectId, string Name, DateTimeOffset CapturedAt, Erasure Erasure);
}
