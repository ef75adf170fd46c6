using Microsoft.Extensions.Options;
using Poc.Kernel;
using Poc.StatementArchive.Keys;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Keys;

/// <summary>Another master key is made current, and the old one goes.</summary>
public sealed class KeyResealTests
{
    // More than two pages.
    private const int Objects = (2 * KeyStore.ResealPage) + 7;

    private static readonly Evidence _evidence = new("Words.", "{}", new byte[32]);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_sealed_opens_with_the_new_key_alone_and_what_was_erased_stays_so()
    {
        await using var database = await TestDatabase.CreateAsync(KeyStore.ConnectionName);
        var made = await FillAsync(database);
        using (var old = Store(database, "old", "old"))
        {
            await old.EraseAsync(new ErasedKey(made[0].Id, "{}", "staff/grace", TimeProvider.System.GetUtcNow()), Ended);
        }

        using (var both = Store(database, "new", "old", "new"))
        {
            var seen = new List<long>();
            var left = await database.ScalarAsync<long>("SELECT count(*) FROM object_secrets") + await database.ScalarAsync<long>("SELECT count(*) FROM group_secrets");
            Assert.Equal(left, await both.ResealAsync(seen.Add, Ended));
            Assert.Equal((true, left), (seen.Count > 3, seen[^1]));
            Assert.Equal(0, await both.ResealAsync(seen.Add, Ended));
        }

        using var alone = Store(database, "new", "new");
        foreach (var (id, group, entry, @sealed) in made.Skip(1))
        {
            Assert.Equal(_evidence.Text, (await alone.FindAsync(id, group, Ended))!.Open(entry, @sealed)!.Text);
        }

        Assert.Null(await alone.FindAsync(made[0].Id, made[0].Group, Ended));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM erasures"));
    }

    [Fact]
    public async Task It_goes_on_after_an_interruption_with_what_is_left_and_everything_opens_meanwhile()
    {
        await using var database = await TestDatabase.CreateAsync(KeyStore.ConnectionName);
        var made = await FillAsync(database);
        using var both = Store(database, "new", "old", "new");
        using var interrupted = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => both.ResealAsync(_ => interrupted.Cancel(), interrupted.Token));
        Assert.Equal(KeyStore.ResealPage, await database.ScalarAsync<long>("SELECT count(*) FROM object_secrets WHERE master_key = 'new'"));
        foreach (var (id, group, entry, @sealed) in made)
        {
            Assert.NotNull((await both.FindAsync(id, group, Ended))!.Open(entry, @sealed));
        }

        // With the old key gone too early, what is left is told by the key it lacks, and is not lost.
        using (var early = Store(database, "new", "new"))
        {
            Assert.Contains("'old'", (await Assert.ThrowsAsync<InvalidOperationException>(() => early.ResealAsync(static _ => { }, Ended))).Message, StringComparison.Ordinal);
        }

        await both.ResealAsync(static _ => { }, Ended);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM object_secrets WHERE master_key <> 'new'"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM group_secrets WHERE master_key <> 'new'"));
    }

    [Fact]
    public async Task A_replica_of_before_makes_secrets_meanwhile_and_erases_and_the_next_look_has_all()
    {
        await using var database = await TestDatabase.CreateAsync(KeyStore.ConnectionName);
        var made = await FillAsync(database);
        using var old = Store(database, "old", "old", "new");
        using var both = Store(database, "new", "old", "new");
        await Task.WhenAll(
        [
            both.ResealAsync(static _ => { }, Ended),
            old.EnsureAsync([(Guid.CreateVersion7(), "subjects/late")], Ended),
            .. made.Take(50).Select(one => old.EraseAsync(new ErasedKey(one.Id, "{}", "staff/grace", TimeProvider.System.GetUtcNow()), Ended)),
        ]);
        await both.ResealAsync(static _ => { }, Ended);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM object_secrets WHERE master_key <> 'new'"));
        using var alone = Store(database, "new", "new");
        foreach (var (id, group, entry, @sealed) in made.Take(100))
        {
            Assert.Equal(made.Take(50).Any(one => one.Id == id) ? null : _evidence.Text, (await alone.FindAsync(id, group, Ended))?.Open(entry, @sealed)?.Text);
        }
    }

    private static async Task<IReadOnlyList<(Guid Id, string Group, Guid Entry, byte[] Sealed)>> FillAsync(TestDatabase database)
    {
        using var old = Store(database, "old", "old");
        var wanted = Enumerable.Range(0, Objects).Select(static i => (Id: Guid.CreateVersion7(), Group: $"subjects/{i % 5}")).ToList();
        var ring = await old.EnsureAsync(wanted, Ended);
        return [.. wanted.Select(one => (one.Id, one.Group, Entry: Guid.CreateVersion7())).Select(one => (one.Id, one.Group, one.Entry, ring.Find(one.Id)!.Close(one.Entry, _evidence)))];
    }

    private static KeyStore Store(TestDatabase database, string current, params string[] keys)
    {
        var options = new KeyStoreOptions { CurrentKey = current };
        foreach (var key in keys)
        {
            options.Keys[key] = Convert.ToBase64String([.. Enumerable.Repeat((byte)key.Length, 31), (byte)key[0]]);
        }

        return new KeyStore(database.Source, Options.Create(options), new IdSource(TimeProvider.System), TimeProvider.System);
    }
}
