using Poc.Contracts.Events.Review.V1;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;

namespace Poc.StatementArchive.Log;

/// <summary>Puts the hash of a signed decision into the log, so that nobody can later say that another one was signed.</summary>
public sealed class RecordDecision(LogAppender log, IdSource ids, TimeProvider clock)
{
    private const string Actor = "services/review";

    private const string InsertSql = "INSERT INTO decisions (decision_id, name, sha256, entry_id) VALUES ($1, $2, $3, $4)";

    /// <summary>Appends the entry; called once for each decision (inbox).</summary>
    /// <exception cref="FormatException">The event's hash is not hexadecimal.</exception>
    public async Task HandleAsync(Tx tx, DecisionSigned decision)
    {
        var hash = Convert.FromHexString(decision.ContentSha256);
        var (decisionId, entryId) = (ids.Next(), ids.Next());
        var actor = await log.ActorAsync(tx, Actor);
        await tx.ExecuteAsync(InsertSql, decisionId, decision.Aggregate, hash, entryId);
        await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.Decision, entryId, decisionId, actor, clock.Now()) { Sha256 = hash });
    }
}
