using Poc.Kernel.Seals;

namespace Poc.Review.Ballots;

/// <summary>
/// Master keys of what panels seal; configuration section <c>Review:SealKeys</c>. They belong in a secret store, apart from the database and its backups: whoever has both can read sealed
/// ballots.
/// </summary>
public sealed class SealKeysOptions
{
    /// <summary>Id of the key that seals rounds from now on. Required.</summary>
    public string CurrentKey { get; init; } = "";

    /// <summary>All keys by id, 32 random bytes each in base64. A key stays here as long as a round is sealed by it; one that is missing keeps its rounds from opening.</summary>
    public Dictionary<string, string> Keys { get; init; } = [];

    /// <summary>Whether every key is one, and the current one is among them.</summary>
    public bool AreUsable()
    {
        Span<byte> key = stackalloc byte[Seal.KeySize + 1];
        foreach (var text in Keys.Values)
        {
            if (!Convert.TryFromBase64String(text, key, out var length) || length != Seal.KeySize)
            {
                return false;
            }
        }

        return Keys.ContainsKey(CurrentKey);
    }
}
