using System.Security.Cryptography;
using System.Text;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Kernel.Notes;
using Poc.Postgres;

namespace Poc.StatementArchive.Log;

/// <summary>
/// Which keys may sign this log: the one it began with, and after it those that its own entries declared. A change is declared while the old key is still in use; from its
/// entry on both sign, so that readers, witnesses and replicas take over the new key in their own time.
/// </summary>
public sealed class KeyHistory(LogKey key, LogAppender log, IdSource ids, TimeProvider clock)
{
    private const string Actor = "services/archive";

    private const string IdentitySql = "SELECT origin, verifier_key FROM log_identity";

    private const string ChangesSql = "SELECT verifier_key FROM log_key_changes ORDER BY number";

    // All changes are about one object, the log itself, which has a random id from its first change on.
    private const string ObjectSql = "SELECT e.object_id FROM log_key_changes c JOIN log_entries e USING (entry_id) WHERE c.number = 1";

    private const string AddSql = "INSERT INTO log_key_changes (number, previous_key, verifier_key, entry_id) VALUES ($1, $2, $3, $4)";

    /// <summary>What the entry of a change commits to: both verifier keys, each on its line.</summary>
    public static byte[] DocumentSha256(string previous, string next) => SHA256.HashData(Encoding.UTF8.GetBytes($"{previous}\n{next}\n"));

    /// <summary>Declares the change to the next key, if one is configured and not declared yet.</summary>
    /// <exception cref="LogInconsistentException">The configured keys are not those of this log.</exception>
    public async Task DeclareAsync(Tx tx)
    {
        var signers = await SignersAsync(tx);
        if (key.NextVerifier is not { } next || signers.Contains(next.ToString()))
        {
            return;
        }

        var (previous, entryId) = (key.Verifier.ToString(), ids.Next());
        if (signers[^1] != previous)
        {
            throw Foreign(signers);
        }

        var objectId = signers.Count == 1 ? ids.Next() : await tx.ScalarAsync<Guid>(ObjectSql);
        var actor = await log.ActorAsync(tx, Actor);
        await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.KeyChange, entryId, objectId, actor, clock.Now()) { Sha256 = DocumentSha256(previous, next.ToString()) });
        await tx.ExecuteAsync(AddSql, signers.Count, previous, next.ToString(), entryId);
    }

    /// <summary>Makes sure that the configured keys are those that are to sign now.</summary>
    /// <exception cref="LogInconsistentException">They are not: another log's, one that nobody declared, or the old one alone after a change was declared.</exception>
    public async Task RequireAsync(Tx tx)
    {
        var signers = await SignersAsync(tx);
        string[] configured = key.NextVerifier is { } next ? [key.Verifier.ToString(), next.ToString()] : [key.Verifier.ToString()];
        if (!signers.TakeLast(configured.Length).SequenceEqual(configured))
        {
            throw Foreign(signers);
        }

        if (signers.Except(key.Trusted.Select(trusted => trusted.ToString())).FirstOrDefault() is { } missing)
        {
            throw new LogInconsistentException($"Log:FormerVerifierKeys lacks {missing}, which has signed this log.");
        }
    }

    private async Task<IReadOnlyList<string>> SignersAsync(Tx tx)
    {
        var (origin, first) = await tx.QuerySingleOrDefaultAsync(IdentitySql, row => (row.GetString(0), row.GetString(1)));
        return origin == key.Verifier.Name
            ? [first, .. await tx.QueryAsync(ChangesSql, row => row.GetString(0))]
            : throw Foreign([first]);
    }

    private static LogInconsistentException Foreign(IReadOnlyList<string> signers)
        => new($"Log:Origin, Log:PrivateKey and Log:NextPrivateKey are not those of this log, whose keys are, oldest first: {string.Join(", ", signers)}.");
}
