using Microsoft.Extensions.Options;
using Poc.Kernel;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.Testing;

namespace Poc.StatementArchive.Tests;

/// <summary>The key store that all archives of this process share: ids of objects are random.</summary>
internal static class TestKeys
{
    public const string MasterKey = "test";

    private static TestDatabase? _database;

    public static byte[] Master { get; } = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public static string ConnectionString => Database.ConnectionString;

    public static TestDatabase Database => _database ?? throw new InvalidOperationException("SharedArchive makes it.");

    public static async Task MakeAsync() => _database = await TestDatabase.CreateAsync(KeyStore.ConnectionName);

    /// <summary>The store as whoever holds its master key opens it.</summary>
    public static KeyStore Open(TestDatabase? database = null) => new(
        (database ?? Database).Source,
        Options.Create(new KeyStoreOptions { CurrentKey = MasterKey, Keys = { [MasterKey] = Convert.ToBase64String(Master) } }),
        new IdSource(TimeProvider.System), TimeProvider.System);

    /// <summary>Changes what is sealed of a row as somebody would who has the database and the keys, and gives the number of rows changed.</summary>
    /// <param name="database">The archive's.</param>
    /// <param name="table">Of statements, translations, retraction_entries, annotations or captures.</param>
    /// <param name="where">Which rows.</param>
    /// <param name="change">What is put in the place of the evidence.</param>
    public static async Task<int> RewriteAsync(Database database, string table, string where, Func<Evidence, Evidence> change)
    {
        var (id, group) = table switch
        {
            "captures" => ("t.capture_id", "t.key_group"),
            "annotations" => ("t.object_id", "(SELECT subject FROM statements s WHERE s.statement_id = t.object_id)"),
            _ => ("t.statement_id", "(SELECT subject FROM statements s WHERE s.statement_id = t.statement_id)"),
        };
        var rows = await database.ReadAsync(
            tx => tx.QueryAsync(
                $"SELECT {id}, {group}, t.entry_id, t.sealed FROM {table} t WHERE {where}",
                row => (Id: row.GetGuid(0), Group: row.GetString(1), EntryId: row.GetGuid(2), Sealed: row.GetFieldValue<byte[]>(3))),
            CancellationToken.None);
        using var keys = Open();
        foreach (var row in rows)
        {
            var key = (await keys.FindAsync(row.Id, row.Group, CancellationToken.None))!;
            await SharedArchive.TamperAsync(
                database, $"UPDATE {table} SET sealed = $2 WHERE entry_id = $1", row.EntryId, key.Close(row.EntryId, change(key.Open(row.EntryId, row.Sealed)!)));
        }

        return rows.Count;
    }
}
