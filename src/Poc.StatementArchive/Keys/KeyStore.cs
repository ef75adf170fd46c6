using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Npgsql;
using Poc.Kernel;
using Poc.Kernel.Seals;
using Poc.Postgres;

namespace Poc.StatementArchive.Keys;

/// <summary>That an object was erased, as the journal keeps it.</summary>
/// <param name="ObjectId">The object.</param>
/// <param name="Document">Canonical JSON: reason, authority, who proposed and confirmed it.</param>
/// <param name="ConfirmedBy">Who confirmed it (<c>staff/…</c>).</param>
/// <param name="ErasedAt">When its key was destroyed.</param>
public sealed record ErasedKey(Guid ObjectId, string Document, string ConfirmedBy, DateTimeOffset ErasedAt);

/// <summary>
/// The keys of the archive's objects, in a database of their own. Nothing of them is held in memory beyond a call, so that a destroyed key is gone from every replica at
/// once; only secrets that no object has yet are made in advance, because each would be a commit that its object waits for.
/// </summary>
public sealed class KeyStore(
    [FromKeyedServices(KeyStore.ConnectionName)] NpgsqlDataSource source, IOptions<KeyStoreOptions> options, IdSource ids, TimeProvider clock) : IDisposable
{
    /// <summary>Name of its connection string.</summary>
    public const string ConnectionName = "archivekeys";

    /// <summary>Secrets that are sealed anew in one transaction.</summary>
    internal const int ResealPage = 500;

    private const int Stock = 256;

    private const string AddObjectsSql = "INSERT INTO object_secrets (object_id, master_key, sealed) SELECT id, $2, secret FROM unnest($1::uuid[], $3::bytea[]) AS made (id, secret) ON CONFLICT ON CONSTRAINT pk_object_secrets DO NOTHING";

    private const string ObjectsSql = "SELECT object_id, master_key, sealed FROM object_secrets WHERE object_id = ANY ($1)";

    private const string GroupsSql = "SELECT name, master_key, sealed FROM group_secrets WHERE name = ANY ($1)";

    private const string AddGroupSql = "INSERT INTO group_secrets (name, master_key, sealed) VALUES ($1, $2, $3) ON CONFLICT ON CONSTRAINT pk_group_secrets DO NOTHING";

    private const string EraseSql = """
        WITH journal AS (INSERT INTO erasures (object_id, document, confirmed_by, erased_at) VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT pk_erasures DO NOTHING)
        DELETE FROM object_secrets WHERE object_id = $1
        """;

    private const string ForgetSql = "DELETE FROM object_secrets WHERE object_id = $1";

    private const string ErasuresSql = "SELECT object_id, document, confirmed_by, erased_at FROM erasures ORDER BY erased_at, object_id";

    // In the order of their ids, which none of them changes: those of before are done, whatever happened meanwhile.
    private const string OldObjectsSql = "SELECT object_id, master_key, sealed FROM object_secrets WHERE object_id > $1 AND master_key <> $2 ORDER BY object_id LIMIT $3 FOR UPDATE";

    private const string ResealObjectsSql = """
        UPDATE object_secrets AS s SET master_key = $1, sealed = n.sealed FROM unnest($2::uuid[], $3::bytea[]) AS n (object_id, sealed) WHERE s.object_id = n.object_id
        """;

    private const string OldGroupsSql = """
        SELECT name, master_key, sealed FROM group_secrets WHERE name COLLATE "C" > $1 AND master_key <> $2 ORDER BY name COLLATE "C" LIMIT $3 FOR UPDATE
        """;

    private const string ResealGroupsSql = """
        UPDATE group_secrets AS s SET master_key = $1, sealed = n.sealed FROM unnest($2::text[], $3::bytea[]) AS n (name, sealed) WHERE s.name = n.name
        """;

    private readonly Database _database = new(source, clock);
    private readonly ConcurrentQueue<(Guid Id, byte[] Secret)> _stock = [];
    private readonly SemaphoreSlim _making = new(1);

    /// <summary>A new object: its id, and the key that is kept for it from now on.</summary>
    /// <param name="group">What it shares a second secret with: its subject, or its request.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<ObjectKey> NewAsync(string group, CancellationToken cancellation)
    {
        (Guid Id, byte[] Secret) made;
        while (!_stock.TryDequeue(out made))
        {
            await MakeAsync(cancellation);
        }

        var shared = await GroupAsync(group, cancellation);
        return new ObjectKey(made.Id, made.Secret, shared);
    }

    /// <summary>The keys of objects that had none yet, each with its group; what has one keeps it.</summary>
    public async Task<KeyRing> EnsureAsync(IReadOnlyCollection<(Guid ObjectId, string Group)> objects, CancellationToken cancellation)
    {
        foreach (var group in objects.Select(wanted => wanted.Group).Distinct(StringComparer.Ordinal))
        {
            await GroupAsync(group, cancellation);
        }

        var made = objects.Select(wanted => wanted.ObjectId).Distinct().Select(id => (Id: id, Close(RandomNumberGenerator.GetBytes(Seal.KeySize), Bound(id)).Sealed)).ToList();
        await _database.InTransactionAsync(
            tx => tx.ExecuteAsync(
                AddObjectsSql, made.ConvertAll(secret => secret.Id).ToArray(), options.Value.CurrentKey, made.ConvertAll(secret => secret.Sealed).ToArray()),
            cancellation);
        return await OfAsync(objects, cancellation);
    }

    /// <summary>The keys of objects, each with its group.</summary>
    public async Task<KeyRing> OfAsync(IReadOnlyCollection<(Guid ObjectId, string Group)> objects, CancellationToken cancellation)
    {
        if (objects.Count == 0)
        {
            return new KeyRing(new Dictionary<Guid, ObjectKey>());
        }

        var groups = await GroupsAsync([.. objects.Select(sought => sought.Group).Distinct(StringComparer.Ordinal)], cancellation);
        var wanted = objects.Select(sought => sought.ObjectId).Distinct().ToArray();
        var secrets = (await _database.RepeatAsync(
            tx => tx.QueryAsync(ObjectsSql, row => (Id: row.GetGuid(0), Secret: Open(row, Bound(row.GetGuid(0)))), wanted), cancellation))
            .ToDictionary(found => found.Id, found => found.Secret);
        var keys = new Dictionary<Guid, ObjectKey>();
        foreach (var (id, group) in objects)
        {
            if (secrets.TryGetValue(id, out var own) && groups.TryGetValue(group, out var shared))
            {
                keys[id] = new ObjectKey(id, own, shared);
            }
        }

        return new KeyRing(keys);
    }

    /// <summary>The key of one object; null when it was destroyed or never was.</summary>
    public async Task<ObjectKey?> FindAsync(Guid objectId, string group, CancellationToken cancellation) => (await OfAsync([(objectId, group)], cancellation)).Find(objectId);

    /// <summary>Destroys the object's secret and writes it into the journal, for good and at once; a repetition changes nothing.</summary>
    public Task EraseAsync(ErasedKey erasure, CancellationToken cancellation) => _database.InTransactionAsync(
        tx => tx.ExecuteAsync(EraseSql, erasure.ObjectId, erasure.Document, erasure.ConfirmedBy, erasure.ErasedAt), cancellation);

    /// <summary>Destroys the secret of an object that never came to be, and of which no journal needs to know.</summary>
    public Task ForgetAsync(Guid objectId, CancellationToken cancellation) => _database.InTransactionAsync(tx => tx.ExecuteAsync(ForgetSql, objectId), cancellation);

    /// <summary>All that was ever erased, oldest first.</summary>
    public Task<IReadOnlyList<ErasedKey>> ErasuresAsync(CancellationToken cancellation) => _database.ReadAsync(
        tx => tx.QueryAsync(ErasuresSql, row => new ErasedKey(row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3))), cancellation);

    /// <summary>Seals what lies under another master key under the current one. The secrets, and so what they open, stay the same; each page is a transaction, so whoever ends it loses nothing.</summary>
    /// <param name="progress">Told how many are done, after each page.</param>
    /// <param name="cancellation">Ends it between two pages.</param>
    /// <returns>How many were.</returns>
    /// <exception cref="InvalidOperationException">Something lies under a key that the configuration does not have.</exception>
    public async Task<long> ResealAsync(Action<long> progress, CancellationToken cancellation)
    {
        var done = 0L;
        var id = Guid.Empty;
        while (await _database.InTransactionAsync(tx => ResealAsync(tx, OldObjectsSql, ResealObjectsSql, id, static row => row.GetGuid(0), Bound), cancellation) is { Count: > 0 } page)
        {
            id = page[^1];
            progress(done += page.Count);
        }

        var name = "";
        while (await _database.InTransactionAsync(tx => ResealAsync(tx, OldGroupsSql, ResealGroupsSql, name, static row => row.GetString(0), Bound), cancellation) is { Count: > 0 } page)
        {
            name = page[^1];
            progress(done += page.Count);
        }

        return done;
    }

    /// <inheritdoc/>
    public void Dispose() => _making.Dispose();

    private async Task<IReadOnlyList<T>> ResealAsync<T>(Tx tx, string oldSql, string resealSql, T after, Func<NpgsqlDataReader, T> idOf, Func<T, byte[]> boundOf) where T : notnull
    {
        var rows = await tx.QueryAsync(oldSql, row => (Id: idOf(row), Secret: Open(row, boundOf(idOf(row)))), after, options.Value.CurrentKey, ResealPage);
        T[] ids = [.. rows.Select(static row => row.Id)];
        await tx.ExecuteAsync(resealSql, options.Value.CurrentKey, ids, rows.Select(row => Close(row.Secret, boundOf(row.Id)).Sealed).ToArray());
        return ids;
    }

    private async Task MakeAsync(CancellationToken cancellation)
    {
        await _making.WaitAsync(cancellation);
        try
        {
            if (!_stock.IsEmpty)
            {
                return;
            }

            var made = Enumerable.Range(0, Stock).Select(_ => (Id: ids.Next(), Secret: RandomNumberGenerator.GetBytes(Seal.KeySize))).ToList();
            var @sealed = made.ConvertAll(secret => Close(secret.Secret, Bound(secret.Id)));
            await _database.InTransactionAsync(
                tx => tx.ExecuteAsync(AddObjectsSql, made.ConvertAll(secret => secret.Id).ToArray(), @sealed[0].MasterKey, @sealed.ConvertAll(secret => secret.Sealed).ToArray()),
                cancellation);
            made.ForEach(_stock.Enqueue);
        }
        finally
        {
            _making.Release();
        }
    }

    private async Task<byte[]> GroupAsync(string name, CancellationToken cancellation)
    {
        if ((await GroupsAsync([name], cancellation)).TryGetValue(name, out var secret))
        {
            return secret;
        }

        // Another replica may make it now; who was first is read.
        var (masterKey, @sealed) = Close(RandomNumberGenerator.GetBytes(Seal.KeySize), Bound(name));
        await _database.InTransactionAsync(tx => tx.ExecuteAsync(AddGroupSql, name, masterKey, @sealed), cancellation);
        return (await GroupsAsync([name], cancellation))[name];
    }

    private async Task<IReadOnlyDictionary<string, byte[]>> GroupsAsync(string[] names, CancellationToken cancellation) =>
        (await _database.RepeatAsync(
            tx => tx.QueryAsync(GroupsSql, row => (Name: row.GetString(0), Secret: Open(row, Bound(row.GetString(0)))), (object)names), cancellation))
        .ToDictionary(group => group.Name, group => group.Secret, StringComparer.Ordinal);

    private (string MasterKey, byte[] Sealed) Close(byte[] secret, byte[] bound)
        => (options.Value.CurrentKey, Seal.Close(MasterKey(options.Value.CurrentKey), secret, bound));

    private byte[] Open(NpgsqlDataReader row, byte[] bound) => Seal.Open(MasterKey(row.GetString(1)), row.GetFieldValue<byte[]>(2), bound);

    private byte[] MasterKey(string id) => options.Value.Keys.TryGetValue(id, out var key)
        ? Convert.FromBase64String(key)
        : throw new InvalidOperationException($"The key store has secrets under the key '{id}', which is not in the configuration (KeyStore:Keys).");

    private static byte[] Bound(Guid objectId) => objectId.ToByteArray(bigEndian: true);

    private static byte[] Bound(string group) => Encoding.UTF8.GetBytes(group);
}
