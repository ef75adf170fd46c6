using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Poc.Kernel.Seals;
using Poc.Postgres;

namespace Poc.Review.Ballots;

/// <summary>
/// The keys of rounds, each stored under a master key that the database does not have. They are opened here to seal what is cast, to give members their own back, and by
/// <see cref="RoundOpening"/>; nothing of them is held in memory beyond a call.
/// </summary>
internal sealed class RoundKeys(IOptions<SealKeysOptions> options, TimeProvider clock)
{
    private const string AddSql = "INSERT INTO round_keys (dossier, master_key, sealed, made_at) VALUES ($1, $2, $3, $4)";
    private const string FindSql = "SELECT master_key, sealed FROM round_keys WHERE dossier = $1";

    /// <summary>Makes the key of a round; once for each dossier.</summary>
    public async Task<RoundKey> AddAsync(Tx tx, string dossier)
    {
        var secret = RandomNumberGenerator.GetBytes(Seal.KeySize);
        var master = options.Value.CurrentKey;
        await tx.ExecuteAsync(AddSql, dossier, master, Seal.Close(MasterKey(master), secret, Encoding.UTF8.GetBytes(dossier)), clock.GetUtcNow());
        return new RoundKey(dossier, secret);
    }

    /// <summary>The key of a round; null before its panel is seated, and for panels whose ballots were open before rounds had keys.</summary>
    /// <exception cref="InvalidOperationException">Its master key is not in the configuration.</exception>
    /// <exception cref="CryptographicException">The configuration has another key under that id, or the row was changed.</exception>
    public async Task<RoundKey?> FindAsync(Tx tx, string dossier) =>
        await tx.QuerySingleOrDefaultAsync(FindSql, static row => new Stored(row.GetString(0), row.GetFieldValue<byte[]>(1)), dossier) is { } found
            ? new RoundKey(dossier, Seal.Open(MasterKey(found.MasterKey), found.Sealed, Encoding.UTF8.GetBytes(dossier)))
            : null;

    private byte[] MasterKey(string id) => options.Value.Keys.TryGetValue(id, out var key)
        ? Convert.FromBase64String(key)
        : throw new InvalidOperationException($"A round is sealed under the key '{id}', which is not in the configuration (Review:SealKeys:Keys).");

    private sealed record Stored(string MasterKey, byte[] Sealed);
}
