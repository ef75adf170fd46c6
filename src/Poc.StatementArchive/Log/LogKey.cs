using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Poc.Kernel.Notes;

namespace Poc.StatementArchive.Log;

/// <summary>The key that signs the log's checkpoints; two while one follows the other.</summary>
public sealed class LogKey : IDisposable
{
    private readonly NoteSigner _current;
    private readonly NoteSigner? _next;

    /// <summary>Reads the keys from the options.</summary>
    /// <exception cref="ValidationException">A private key is not 32 bytes in base64, or a former key is not a log's of that origin.</exception>
    public LogKey(IOptions<ArchiveOptions> options)
    {
        var (origin, next) = (options.Value.Origin, options.Value.NextPrivateKey);
        _current = Signer(origin, options.Value.PrivateKey, nameof(ArchiveOptions.PrivateKey));
        _next = next.Length == 0 ? null : Signer(origin, next, nameof(ArchiveOptions.NextPrivateKey));
        Trusted = [Verifier, .. _next is null ? [] : new[] { _next.PublicKey }, .. options.Value.FormerVerifierKeys.Select(key => Former(origin, key))];
        if (Trusted.Select(key => key.ToString()).Distinct(StringComparer.Ordinal).Count() != Trusted.Count)
        {
            throw new ValidationException("Log:PrivateKey, Log:NextPrivateKey and Log:FormerVerifierKeys are all different keys.");
        }
    }

    /// <summary>Verifies; what callers are given.</summary>
    public NoteKey Verifier => _current.PublicKey;

    /// <summary>Verifies too, from the declaration of the change on; null while no change is declared.</summary>
    public NoteKey? NextVerifier => _next?.PublicKey;

    /// <summary>All keys that may have signed a checkpoint of this log.</summary>
    public IReadOnlyList<NoteKey> Trusted { get; }

    /// <summary>The note over a text, with a signature of each key that signs now.</summary>
    public string Sign(string text)
    {
        var note = _current.Sign(text);
        // Both notes are the text, an empty line and a signature line.
        return _next is null ? note : note + _next.Sign(text)[(text.Length + 1)..];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _current.Dispose();
        _next?.Dispose();
    }

    private static NoteSigner Signer(string origin, string encoded, string option)
    {
        var seed = new byte[64];
        return Convert.TryFromBase64String(encoded, seed, out var length) && length == 32
            ? new NoteSigner(origin, seed.AsSpan(0, 32))
            : throw new ValidationException($"Log:{option} must be the 32-byte seed of an Ed25519 key in base64 (openssl rand -base64 32).");
    }

    private static NoteKey Former(string origin, string text)
    {
        try
        {
            var key = NoteKey.Parse(text);
            return key.Name == origin && !key.IsCosigner ? key : throw new FormatException($"{key.Name} is not a key of this log.");
        }
        catch (FormatException malformed)
        {
            throw new ValidationException($"Log:FormerVerifierKeys: {malformed.Message}", malformed);
        }
    }
}
