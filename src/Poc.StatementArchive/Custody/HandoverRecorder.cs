using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Exports;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Custody;

/// <summary>Puts on record to whom evidentiary copies go: an entry about each object, and beside it the document that the entry has the hash of.</summary>
public sealed class HandoverRecorder(LogAppender log, IdSource ids)
{
    private const string InsertSql = "INSERT INTO handovers (entry_id, object_id, document) VALUES ($1, $2, $3)";

    /// <summary>What is wrong with a recipient and a purpose.</summary>
    public static Violations Check(Violations violations, string recipient, string purpose) => violations
        .NotBlank("recipient", recipient).MaxLength("recipient", recipient, StatementRules.MaxRecipient)
        .NotBlank("purpose", purpose).MaxLength("purpose", purpose, StatementRules.MaxDescription);

    /// <summary>Adds the entry about an object, and gives its index.</summary>
    public async Task<long> RecordAsync(Tx tx, Guid objectId, Guid actor, HandoverDocument document, DateTimeOffset at)
    {
        var entry = new LogEntry(LogEntry.Kinds.Custody, ids.Next(), objectId, actor, at) { Sha256 = document.Sha256() };
        await tx.ExecuteAsync(InsertSql, entry.Id, objectId, document.ToBytes());
        return (await log.AppendAsync(tx, entry)).Index;
    }
}
