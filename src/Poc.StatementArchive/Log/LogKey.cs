using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Poc.Kernel.Notes;

namespace Poc.StatementArchive.Log;

/// <summary>The key that signs the log's checkpoints.</summary>
public sealed class LogKey : IDisposable
{
    /// <summary>Reads the key from the options.</summary>
    /// <exception cref="ValidationException"><c>Log:PrivateKey</c> is not 32 bytes in base64.</exception>
    public LogKey(IOptions<ArchiveOptions> options)
    {
        var seed = new byte[64];
        if (!Convert.TryFromBase64String(options.Value.PrivateKey, seed, out var length) || length != 32)
        {
            throw new ValidationException("Log:PrivateKey must be the 32-byte seed of an Ed25519 key in base64 (openssl rand -base64 32).");
        }

        Signer = new NoteSigner(options.Value.Origin, seed.AsSpan(0, 32));
    }

    /// <summary>Signs.</summary>
    public NoteSigner Signer { get; }

    /// <summary>Verifies; what callers are given.</summary>
    public NoteKey Verifier => Signer.PublicKey;

    /// <inheritdoc/>
    public void Dispose() => Signer.Dispose();
}
