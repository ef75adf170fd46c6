using System.Security.Cryptography;
using System.Text;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Search;

namespace Poc.StatementArchive.Statements;

/// <summary>Archives a statement: content, log entry and event in one transaction.</summary>
public sealed class RecordStatement(
    IdempotentWrites writes, KeyStore keys, StoredStatements statements, LogAppender log, IdSource ids, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO statements (statement_id, name, subject, sealed, entry_id, captured_at)
        SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT 1 FROM erased_objects WHERE name = $2)
        ON CONFLICT ON CONSTRAINT uq_statements_name DO NOTHING
        """;

    /// <summary>Answers when everything is on disk, with the index of the entry.</summary>
    public Task<RecordStatementResponse> HandleAsync(RecordStatementRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("parent", request.Parent, StatementName.SubjectPattern)
            .Require(StatementName.Id().IsMatch(request.StatementId), "statement_id", "must be 2 to 40 lower-case letters, digits and hyphens")
            .Statement("statement", request.Statement, StatementRules.NewestDay(clock))
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => RecordAsync(tx, request, caller), AgainAsync, cancellation);
    }

    private async Task<KeptAnswer<RecordStatementResponse>> RecordAsync(Tx tx, RecordStatementRequest request, Caller caller)
    {
        var name = StatementName.Of(request.Parent, request.StatementId);
        var record = EvidenceRecord.Of(name, request.Statement);
        var nonce = RandomNumberGenerator.GetBytes(Commitment.NonceSize);
        var key = await keys.NewAsync(request.Parent, tx.Cancellation);
        var (statementId, entryId, at) = (key.ObjectId, ids.Next(), clock.Now());
        var @sealed = key.Close(entryId, new Evidence(request.Statement.Text, record, nonce));
        var actor = await log.ActorAsync(tx, caller.Id);
        if (await tx.ExecuteAsync(InsertSql, statementId, name, request.Parent, @sealed, entryId, at) == 0)
        {
            throw ArchiveErrors.StatementExists(name);
        }

        await SearchText.AddAsync(tx, statementId, language: "", version: 0, request.Statement.Text);
        var entry = await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.Statement, entryId, statementId, actor, at)
        {
            Commitment = EvidenceRecord.Commit(nonce, request.Statement.Text),
            RecordCommitment = EvidenceRecord.Commit(nonce, record),
            MediaType = "text/plain",
            Size = Encoding.UTF8.GetByteCount(request.Statement.Text),
        });
        var contentSha256 = Convert.ToHexStringLower(EvidenceRecord.Sha256(request.Statement.Text));
        await Outbox.AddAsync(tx, new StatementRecorded(ids.Next(), name, 1, at, request.Parent, contentSha256, entry.Index));
        return new KeptAnswer<RecordStatementResponse>(
            new RecordStatementResponse { Statement = (await statements.ReadAsync(tx, [statementId]))[statementId] },
            new RecordStatementResponse { Statement = new Statement { Name = name } }, statementId);
    }

    private async Task<RecordStatementResponse> AgainAsync(Tx tx, RecordStatementResponse kept)
        => new() { Statement = await statements.GetAsync(tx, kept.Statement.Name) };
}
