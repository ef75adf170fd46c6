using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Postgres;

namespace Poc.Intake.Bulk;

/// <summary>What is on disk of imports: their results by place. The counts are those of the results, so they cannot differ from them.</summary>
internal static class ImportLedger
{
    private const string Open =
        """
        INSERT INTO imports (partner_id, import_id, created_at) VALUES ($1, $2, $3)
        ON CONFLICT ON CONSTRAINT pk_imports DO NOTHING
        """;

    // The first place without a result is the first whose successor is missing, or 0.
    private const string SelectImport =
        """
        SELECT i.created_at, COALESCE(max(t.written_at), i.created_at), count(t.request)::integer, (count(t.item_index) - count(t.request))::integer,
            CASE WHEN bool_or(t.item_index = 0)
                THEN (SELECT min(a.item_index) + 1 FROM import_items AS a
                      WHERE a.partner_id = $1 AND a.import_id = $2
                        AND NOT EXISTS (SELECT FROM import_items AS b WHERE b.partner_id = $1 AND b.import_id = $2 AND b.item_index = a.item_index + 1))
                ELSE 0 END
        FROM imports AS i LEFT JOIN import_items AS t USING (partner_id, import_id)
        WHERE i.partner_id = $1 AND i.import_id = $2
        GROUP BY i.created_at
        """;

    private const string SelectKnown =
        """
        SELECT item_index, body_sha256, request, error
        FROM import_items
        WHERE partner_id = $1 AND import_id = $2 AND item_index = ANY($3)
        """;

    // A refused item may be replaced, a stored one stays what it is.
    private const string Write =
        """
        INSERT INTO import_items (partner_id, import_id, item_index, body_sha256, request, error, written_at)
        SELECT $1, $2, w.item_index, w.body_sha256, w.request, w.error, $7
        FROM unnest($3::integer[], $4::bytea[], $5::uuid[], $6::bytea[]) AS w (item_index, body_sha256, request, error)
        ON CONFLICT ON CONSTRAINT pk_import_items DO UPDATE
        SET body_sha256 = excluded.body_sha256, request = excluded.request, error = excluded.error, written_at = excluded.written_at
        WHERE import_items.request IS NULL
        """;

    /// <summary>Begins an import, or goes on with it.</summary>
    public static Task OpenAsync(Tx tx, ImportName name, DateTimeOffset now) => tx.ExecuteAsync(Open, name.Partner, name.Id, now);

    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND (IMPORT_NOT_FOUND).</exception>
    public static async Task<Import> FindAsync(Tx tx, ImportName name) =>
        await tx.QuerySingleOrDefaultAsync(
            SelectImport,
            row => new Import
            {
                Name = name.ToString(),
                CreatedAt = row.GetFieldValue<DateTimeOffset>(0).ToTimestamp(),
                UpdatedAt = row.GetFieldValue<DateTimeOffset>(1).ToTimestamp(),
                StoredCount = row.GetInt32(2),
                RefusedCount = row.GetInt32(3),
                NextIndex = row.GetInt32(4),
            },
            name.Partner, name.Id) ?? throw IntakeErrors.ImportNotFound(name.ToString());

    /// <summary>The results that there are already for these places.</summary>
    public static async Task<IReadOnlyDictionary<int, ImportResult>> KnownAsync(Tx tx, ImportName name, int[] places) =>
        (await tx.QueryAsync(SelectKnown, row => Read(name, row), name.Partner, name.Id, places)).ToDictionary(static known => known.Index);

    /// <summary>Adds results.</summary>
    public static Task WriteAsync(Tx tx, ImportName name, IReadOnlyList<ImportResult> results, DateTimeOffset now) => tx.ExecuteAsync(
        Write, name.Partner, name.Id, results.Select(static result => result.Index).ToArray(), results.Select(static result => result.BodySha256).ToArray(),
        results.Select(static result => result.Request).ToArray(), results.Select(static result => result.Error?.ToByteArray()).ToArray(), now);

    /// <summary>A result from the columns item_index, body_sha256, request, error.</summary>
    public static ImportResult Read(ImportName name, NpgsqlDataReader row) => new(
        name.Partner, row.GetInt32(0), row.GetFieldValue<byte[]>(1), row.IsDBNull(2) ? null : row.GetGuid(2), row.IsDBNull(3) ? null : ImportError.Parser.ParseFrom(row.GetFieldValue<byte[]>(3)));
}
