using System.Security.Cryptography;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Retractions;

/// <summary>Adds dated evidence, or a search that found none, to a statement's ledger and to the log.</summary>
public sealed class RecordRetractionEntry(IdempotentWrites writes, LogAppender log, IdSource ids, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO retraction_entries (statement_id, number, record, nonce, entry_id, recorded_at) VALUES ($1, $2, $3, $4, $5, $6)
        """;

    private const string StateSql = """
        INSERT INTO retraction_states (statement_id, state) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT pk_retraction_states DO UPDATE SET state = excluded.state
        """;

    /// <summary>Answers when it is on disk, with what the ledger folds to now.</summary>
    public Task<RecordRetractionEntryResponse> HandleAsync(RecordRetractionEntryRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("parent", request.Parent, StatementName.Pattern)
            .RetractionEntry("retraction_entry", request.RetractionEntry, StatementRules.NewestDay(clock))
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => RecordAsync(tx, request, caller), cancellation);
    }

    private async Task<RecordRetractionEntryResponse> RecordAsync(Tx tx, RecordRetractionEntryRequest request, Caller caller)
    {
        var actor = await log.ActorAsync(tx, caller.Id);
        var statementId = await StoredStatement.LockAsync(tx, request.Parent);
        var ledger = await RetractionLedger.ReadAsync(tx, statementId);
        var (entryId, at, number) = (ids.Next(), clock.Now(), ledger.Count + 1);
        var entry = request.RetractionEntry.Clone();
        entry.Name = $"{request.Parent}/retractionEntries/{entryId}";
        var record = EvidenceRecord.Of(entry);
        var nonce = RandomNumberGenerator.GetBytes(Commitment.NonceSize);
        await tx.ExecuteAsync(InsertSql, statementId, number, record, nonce, entryId, at);
        var state = RetractionFold.Of([.. ledger, entry]);
        await tx.ExecuteAsync(StateSql, statementId, RetractionFold.NameOf(state));
        entry.LogIndex = (await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.Retraction, entryId, statementId, actor, at)
        {
            RecordCommitment = EvidenceRecord.Commit(nonce, record),
        })).Index;
        await Outbox.AddAsync(tx, new RetractionRecorded(
            ids.Next(), request.Parent, number, at, entry.Name, RetractionFold.NameOf(entry.Finding), RetractionFold.NameOf(state)));
        return new RecordRetractionEntryResponse { RetractionEntry = entry, RetractionState = state };
    }
}
