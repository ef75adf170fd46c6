namespace Poc.StatementArchive.Keys;

/// <summary>The keys of some objects, as far as there are any.</summary>
/// <param name="keys">By object.</param>
public sealed class KeyRing(IReadOnlyDictionary<Guid, ObjectKey> keys)
{
    /// <summary>The key of an object; null when it was destroyed or never was.</summary>
    public ObjectKey? Find(Guid objectId) => keys.GetValueOrDefault(objectId);

    /// <summary>What was sealed for an entry; null where it was changed, or where the object has no key any more.</summary>
    public Evidence? Open(Guid objectId, Guid entryId, byte[] @sealed) => Find(objectId)?.Open(entryId, @sealed);
}
