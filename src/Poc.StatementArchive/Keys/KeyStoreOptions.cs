namespace Poc.StatementArchive.Keys;

/// <summary>The keys that seal the key store; configuration section <c>KeyStore</c>. They belong in a secret store, apart from both databases and their backups.</summary>
public sealed class KeyStoreOptions
{
    /// <summary>Id of the key that seals what is made from now on. Required.</summary>
    public string CurrentKey { get; init; } = "";

    /// <summary>All keys by id, 32 random bytes each in base64. A key stays here as long as anything in the key store is sealed by it.</summary>
    public Dictionary<string, string> Keys { get; init; } = [];

    /// <summary>Whether every key is one, and the current one is among them.</summary>
    public bool AreUsable()
    {
        Span<byte> key = stackalloc byte[Poc.Kernel.Seals.Seal.KeySize + 1];
        foreach (var text in Keys.Values)
        {
            if (!Convert.TryFromBase64String(text, key, out var length) || length != Poc.Kernel.Seals.Seal.KeySize)
            {
                return false;
            }
        }

        return Keys.ContainsKey(CurrentKey);
    }
}
