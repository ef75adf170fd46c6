using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Poc.Contracts.Intake.V1;
using Sealing = Poc.Kernel.Seals.Seal;

namespace Poc.Intake.Requesters;

/// <summary>Keys that seal requesters' identities; configuration section <c>RequesterSealing</c>. They belong in a secret store, apart from the database and its backups.</summary>
public sealed class RequesterSealingOptions
{
    /// <summary>Id of the key that seals from now on; empty (the default) where none is configured, and submissions that bring a requester are then refused.</summary>
    public string CurrentKey { get; init; } = "";

    /// <summary>All keys by id, 32 random bytes each in base64. A key stays here as long as anything is sealed with it: until <c>RetireSealingKey</c> does not refuse it.</summary>
    public Dictionary<string, string> Keys { get; init; } = [];

    /// <summary>How often a replica looks for old seals that are to be wrapped anew. Default 5 s, at least 10 ms; while there is work it does not pause.</summary>
    public TimeSpan RewrapInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether every key is one, the current one is among them, and the interval can be kept.</summary>
    public bool AreUsable()
    {
        if (RewrapInterval < TimeSpan.FromMilliseconds(10))
        {
            return false;
        }

        Span<byte> key = stackalloc byte[33];
        foreach (var text in Keys.Values)
        {
            if (!Convert.TryFromBase64String(text, key, out var length) || length != 32)
            {
                return false;
            }
        }

        return CurrentKey.Length == 0 || Keys.ContainsKey(CurrentKey);
    }
}

/// <summary>An identity as it lies in the database: nothing of it can be read without the key of that id.</summary>
/// <param name="KeyId">Which key wraps the data key.</param>
/// <param name="WrappedKey">The data key, encrypted.</param>
/// <param name="Content">The identity, encrypted under the data key.</param>
internal sealed record SealedRequester(string KeyId, byte[] WrappedKey, byte[] Content);

/// <summary>
/// Seals and opens identities: AES-256-GCM (NIST SP 800-38D) under a key of each identity's own, which is wrapped in the same way by a key from the configuration. Both
/// are bound to the request, so that no seal opens in the place of another. Changing the key takes a new wrapping, not a new encryption.
/// </summary>
internal sealed class RequesterSeal(IOptions<RequesterSealingOptions> options)
{
    private const int KeySize = 32;

    /// <summary>Ids of the keys that are configured here.</summary>
    public IReadOnlyCollection<string> Keys => options.Value.Keys.Keys;

    /// <summary>Id of the key that seals from now on.</summary>
    /// <exception cref="Grpc.RpcError">FAILED_PRECONDITION (SEALING_KEY_MISSING): no key is configured.</exception>
    public string CurrentKey => options.Value.CurrentKey is { Length: > 0 } id ? id : throw IntakeErrors.SealingKeyMissing();

    /// <summary>Whether a key is the current one.</summary>
    public bool Seals(string keyId) => keyId.Length > 0 && keyId == options.Value.CurrentKey;

    /// <exception cref="Grpc.RpcError">FAILED_PRECONDITION (SEALING_KEY_MISSING): no key is configured.</exception>
    public SealedRequester Seal(Guid request, Requester requester)
    {
        var keyId = options.Value.CurrentKey;
        var key = RandomNumberGenerator.GetBytes(KeySize);
        return new SealedRequester(keyId, Sealing.Close(KeyOf(keyId), key, Bound(request, keyId)), Sealing.Close(key, Padded(requester), Bound(request, "")));
    }

    /// <exception cref="Grpc.RpcError">FAILED_PRECONDITION (SEALING_KEY_MISSING): its key is not configured any more.</exception>
    /// <exception cref="CryptographicException">The row was changed, or is another request's.</exception>
    public Requester Open(Guid request, SealedRequester @sealed)
    {
        var key = Sealing.Open(KeyOf(@sealed.KeyId), @sealed.WrappedKey, Bound(request, @sealed.KeyId));
        return Requester.Parser.ParseDelimitedFrom(new MemoryStream(Sealing.Open(key, @sealed.Content, Bound(request, ""))));
    }

    /// <summary>The same seal with its data key wrapped by another key; what is under it is not opened.</summary>
    /// <exception cref="Grpc.RpcError">FAILED_PRECONDITION (SEALING_KEY_MISSING): one of the two keys is not configured.</exception>
    /// <exception cref="CryptographicException">The row was changed, or is another request's.</exception>
    public SealedRequester Wrap(Guid request, SealedRequester @sealed, string keyId)
    {
        var key = Sealing.Open(KeyOf(@sealed.KeyId), @sealed.WrappedKey, Bound(request, @sealed.KeyId));
        return @sealed with { KeyId = keyId, WrappedKey = Sealing.Close(KeyOf(keyId), key, Bound(request, keyId)) };
    }

    private byte[] KeyOf(string id) => options.Value.Keys.TryGetValue(id, out var text) ? Convert.FromBase64String(text) : throw IntakeErrors.SealingKeyMissing();

    // To the next multiple of 256: the length of a name is a trait of it.
    private static byte[] Padded(Requester requester)
    {
        var content = new MemoryStream();
        requester.WriteDelimitedTo(content);
        content.SetLength((content.Length + 255) / 256 * 256);
        return content.ToArray();
    }

    private static byte[] Bound(Guid request, string keyId) => [.. request.ToByteArray(bigEndian: true), .. System.Text.Encoding.UTF8.GetBytes(keyId)];
}
