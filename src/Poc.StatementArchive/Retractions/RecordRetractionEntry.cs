using System.Security.Cryptography;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Retractions;

/// <summary>Adds dated evidence, or a search that found none, to a statement's ledger and to the log.</summary>
public sealed class RecordRetractionEntry(IdempotentWrites writes, StoredStatements statements, LogAppender log, IdSource ids, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO retraction_entries (statement_id, number, sealed, entry_id, recorded_at) VALUES ($1, $2, $3, $4, $5)
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
        return writes.OnceAsync(caller, request.RequestId, request, tx => RecordAsync(tx, request, caller), (tx, kept) => AgainAsync(tx, request.Parent, kept), cancellation);
    }

    private async Task<KeptAnswer<RecordRetractionEntryResponse>> RecordAsync(Tx tx, RecordRetractionEntryRequest request, Caller caller)
    {
        var actor = await log.ActorAsync(tx, caller.Id);
        var key = await statements.LockAsync(tx, request.Parent);
        var ledger = await RetractionLedger.ReadAsync(tx, key);
        var (entryId, at, number) = (ids.Next(), clock.Now(), ledger.Count + 1);
        var entry = request.RetractionEntry.Clone();
        entry.Name = $"{request.Parent}/retractionEntries/{entryId}";
        var record = EvidenceRecord.Of(entry);
        var nonce = RandomNumberGenerator.GetBytes(Commitment.NonceSize);
        await tx.ExecuteAsync(InsertSql, key.ObjectId, number, key.Close(entryId, new Evidence(Text: null, record, nonce)), entryId, at);
        var state = RetractionFold.Of([.. ledger, entry]);
        await tx.ExecuteAsync(StateSql, key.ObjectId, RetractionFold.NameOf(state));
        entry.LogIndex = (await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.Retraction, entryId, key.ObjectId, actor, at)
        {
            RecordCommitment = EvidenceRecord.Commit(nonce, record),
        })).Index;
        await Outbox.AddAsync(tx, new RetractionRecorded(
            ids.Next(), request.Parent, number, at, entry.Name, RetractionFold.NameOf(entry.Finding), RetractionFold.NameOf(state)));
        return new KeptAnswer<RecordRetractionEntryResponse>(
            new RecordRetractionEntryResponse { RetractionEntry = entry, RetractionState = state },
            new RecordRetractionEntryResponse { RetractionEntry = new RetractionEntry { Name = entry.Name }, RetractionState = state },
            key.ObjectId);
    }

    private async Task<RecordRetractionEntryResponse> AgainAsync(Tx tx, string statement, RecordRetractionEntryResponse kept)
    {
        var ledger = await RetractionLedger.ReadAsync(tx, await statements.LockAsync(tx, statement));
        kept.RetractionEntry = ledger.Single(entry => entry.Name == kept.RetractionEntry.Name);
        return kept;
    }
}
