using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Tests.Exports;
using Poc.Testing;
using Poc.Verify;

namespace Poc.StatementArchive.Tests.Keys;

public sealed class RowSealerTests
{
    [Fact]
    public async Task Rows_of_an_older_version_are_sealed_before_anybody_is_answered_and_say_what_they_said()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        string name, capture;
        byte[] bytes;
        Statement before;
        await using (var service = await ArchiveService.StartAsync(database.ConnectionString))
        {
            name = await ExportedBag.RecordAsync(service);
            capture = (await ExportedBag.CaptureAsync(service, 250_000)).Name;
            before = await GetAsync(service, name);
            bytes = await BytesAsync(service, capture);
        }

        await OpenAsync(database);
        await using var again = await ArchiveService.StartAsync(database.ConnectionString);
        Assert.Equal(before, await GetAsync(again, name));
        foreach (var table in (string[])["statements", "translations", "retraction_entries", "captures"])
        {
            Assert.Equal(0, await database.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE sealed IS NULL OR nonce IS NOT NULL"));
        }

        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM capture_chunks WHERE NOT is_sealed"));
        using var bag = await ExportedBag.OfAsync(again, name);
        var verdict = await bag.VerifyAsync();
        Assert.True(verdict.ExitCode == VerifyCommand.Verified, verdict.Output);

        // Captures of that version had no record, which the entry made here commits to: their bytes alone can be compared.
        Assert.Equal(bytes, await BytesAsync(again, capture));
    }

    private static async Task<byte[]> BytesAsync(ArchiveService service, string capture)
    {
        using var reading = service.Client.ReadCapture(new ReadCaptureRequest { Name = capture }, ArchiveService.Reviewer);
        var bytes = new MemoryStream();
        await foreach (var part in reading.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            part.Data.WriteTo(bytes);
        }

        Assert.Equal(250_000, bytes.Length);
        return bytes.ToArray();
    }

    private static async Task<Statement> GetAsync(ArchiveService service, string name)
        => (await service.Client.GetStatementAsync(new GetStatementRequest { Name = name }, ArchiveService.Archivist)).Statement;

    /// <summary>Writes all that is sealed as the version before wrote it, and takes its keys away.</summary>
    private static async Task OpenAsync(TestDatabase database)
    {
        using var keys = TestKeys.Open();
        foreach (var table in (string[])["translations", "retraction_entries", "statements", "captures"])
        {
            var (id, group) = table == "captures" ? ("t.capture_id", "t.key_group") : ("t.statement_id", "(SELECT subject FROM statements s WHERE s.statement_id = t.statement_id)");
            var rows = await database.Database.ReadAsync(
                tx => tx.QueryAsync(
                    $"SELECT {id}, {group}, t.entry_id, t.sealed FROM {table} t",
                    row => (Id: row.GetGuid(0), Group: row.GetString(1), EntryId: row.GetGuid(2), Sealed: row.GetFieldValue<byte[]>(3))),
                CancellationToken.None);
            foreach (var row in rows)
            {
                var key = (await keys.FindAsync(row.Id, row.Group, CancellationToken.None))!;
                var evidence = key.Open(row.EntryId, row.Sealed)!;
                await (table switch
                {
                    "captures" => SharedArchive.TamperAsync(
                        database.Database, "UPDATE captures SET sealed = NULL, nonce = $2, sha256 = $3 WHERE entry_id = $1", row.EntryId, evidence.Nonce, evidence.Sha256),
                    "retraction_entries" => SharedArchive.TamperAsync(
                        database.Database, "UPDATE retraction_entries SET sealed = NULL, nonce = $2, record = $3 WHERE entry_id = $1", row.EntryId, evidence.Nonce, evidence.Record),
                    _ => SharedArchive.TamperAsync(
                        database.Database, $"UPDATE {table} SET sealed = NULL, nonce = $2, record = $3, content = $4 WHERE entry_id = $1",
                        row.EntryId, evidence.Nonce, evidence.Record, evidence.Text),
                });
                if (table == "captures")
                {
                    await OpenChunksAsync(database, key);
                }
            }
        }

        await TestKeys.Database.ExecuteAsync("DELETE FROM object_secrets WHERE object_id = ANY ($1)", (object)await IdsAsync(database));
    }

    private static async Task OpenChunksAsync(TestDatabase database, ObjectKey key)
    {
        var parts = await database.Database.ReadAsync(
            tx => tx.QueryAsync(
                "SELECT number, data FROM capture_chunks WHERE capture_id = $1", row => (Number: row.GetInt32(0), Data: row.GetFieldValue<byte[]>(1)), key.ObjectId),
            CancellationToken.None);
        foreach (var (number, data) in parts)
        {
            await SharedArchive.TamperAsync(
                database.Database, "UPDATE capture_chunks SET data = $3, is_sealed = false WHERE capture_id = $1 AND number = $2", key.ObjectId, number, key.OpenChunk(number, data));
        }
    }

    private static Task<Guid[]> IdsAsync(TestDatabase database)
        => database.ScalarAsync<Guid[]>("SELECT array_agg(id) FROM (SELECT statement_id AS id FROM statements UNION ALL SELECT capture_id FROM captures) t");
}
