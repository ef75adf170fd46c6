using Poc.Postgres;

namespace Poc.StatementArchive.Keys;

/// <summary>Seals what an older version wrote open. What is sealed is not written again, so it can be interrupted and begun anew at any time.</summary>
public sealed class RowSealer(Database database, KeyStore keys, ILogger<RowSealer> logger)
{
    private const int Batch = 100;

    private const string StatementsSql = """
        SELECT statement_id, subject FROM statements s WHERE sealed IS NULL
        OR EXISTS (SELECT 1 FROM translations t WHERE t.statement_id = s.statement_id AND t.sealed IS NULL)
        OR EXISTS (SELECT 1 FROM retraction_entries t WHERE t.statement_id = s.statement_id AND t.sealed IS NULL)
        ORDER BY statement_id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
        """;

    private const string AnySql = """
        SELECT EXISTS (SELECT 1 FROM statements WHERE sealed IS NULL) OR EXISTS (SELECT 1 FROM translations WHERE sealed IS NULL)
        OR EXISTS (SELECT 1 FROM retraction_entries WHERE sealed IS NULL) OR EXISTS (SELECT 1 FROM captures WHERE sealed IS NULL)
        """;

    private const string CaptureSql = "SELECT capture_id, key_group, entry_id, nonce, sha256 FROM captures WHERE sealed IS NULL ORDER BY capture_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED";

    private const string ChunkSql = "SELECT data FROM capture_chunks WHERE capture_id = $1 AND number = $2";

    private const string SealChunkSql = "UPDATE capture_chunks SET data = $3, is_sealed = true WHERE capture_id = $1 AND number = $2";

    private const string SealCaptureSql = "UPDATE captures SET sealed = $2, nonce = NULL, sha256 = NULL WHERE capture_id = $1";

    // What is open of each table, and how it is sealed.
    private static readonly (string OpenSql, string SealSql)[] _tables =
    [
        ("SELECT statement_id, entry_id, content, record, nonce FROM statements WHERE statement_id = ANY ($1) AND sealed IS NULL",
            "UPDATE statements SET sealed = $2, content = NULL, record = NULL, nonce = NULL WHERE entry_id = $1"),
        ("SELECT statement_id, entry_id, content, record, nonce FROM translations WHERE statement_id = ANY ($1) AND sealed IS NULL",
            "UPDATE translations SET sealed = $2, content = NULL, record = NULL, nonce = NULL WHERE entry_id = $1"),
        ("SELECT statement_id, entry_id, NULL, record, nonce FROM retraction_entries WHERE statement_id = ANY ($1) AND sealed IS NULL",
            "UPDATE retraction_entries SET sealed = $2, record = NULL, nonce = NULL WHERE entry_id = $1"),
    ];

    /// <summary>Returns when nothing is open any more.</summary>
    public async Task SealAllAsync(CancellationToken cancellation)
    {
        if (!await database.ReadAsync(tx => tx.ScalarAsync<bool>(AnySql), cancellation))
        {
            return;
        }

        var (statements, captures) = (0, 0);
        while (await database.InTransactionAsync(SealStatementsAsync, cancellation) is > 0 and var count)
        {
            statements += count;
            if (statements / Batch % 100 == 0)
            {
                logger.LogInformation("{Count} statements of an older version are sealed", statements);
            }
        }

        while (await database.InTransactionAsync(SealCaptureAsync, cancellation))
        {
            captures++;
        }

        logger.LogInformation("{Statements} statements and {Captures} captures of an older version are sealed", statements, captures);
    }

    private async Task<int> SealStatementsAsync(Tx tx)
    {
        var found = await tx.QueryAsync(StatementsSql, static row => (Id: row.GetGuid(0), Subject: row.GetString(1)), Batch);
        if (found.Count == 0)
        {
            return 0;
        }

        var ring = await keys.EnsureAsync([.. found.Select(statement => (statement.Id, statement.Subject))], tx.Cancellation);
        var ids = found.Select(statement => statement.Id).ToArray();
        foreach (var (openSql, sealSql) in _tables)
        {
            var rows = await tx.QueryAsync(
                openSql,
                static row => (Id: row.GetGuid(0), EntryId: row.GetGuid(1),
                    Evidence: new Evidence(row.IsDBNull(2) ? null : row.GetString(2), row.GetString(3), row.GetFieldValue<byte[]>(4))),
                ids);
            foreach (var (id, entryId, evidence) in rows)
            {
                await tx.ExecuteAsync(sealSql, entryId, KeyOf(ring, id).Close(entryId, evidence));
            }
        }

        return found.Count;
    }

    private async Task<bool> SealCaptureAsync(Tx tx)
    {
        if (await tx.QuerySingleOrDefaultAsync(
            CaptureSql,
            static row => (Id: row.GetGuid(0), Group: row.GetString(1), EntryId: row.GetGuid(2),
                Evidence: new Evidence(Text: null, Record: null, row.GetFieldValue<byte[]>(3), row.GetFieldValue<byte[]>(4)))) is not { Evidence: not null } capture)
        {
            return false;
        }

        var key = KeyOf(await keys.EnsureAsync([(capture.Id, capture.Group)], tx.Cancellation), capture.Id);
        for (var number = 0; await tx.QuerySingleOrDefaultAsync(ChunkSql, static row => row.GetFieldValue<byte[]>(0), capture.Id, number) is { } data; number++)
        {
            await tx.ExecuteAsync(SealChunkSql, capture.Id, number, key.CloseChunk(number, data));
        }

        await tx.ExecuteAsync(SealCaptureSql, capture.Id, key.Close(capture.EntryId, capture.Evidence));
        return true;
    }

    private static ObjectKey KeyOf(KeyRing ring, Guid id) => ring.Find(id) ?? throw new InvalidOperationException($"The key store made no key for {id}.");
}
