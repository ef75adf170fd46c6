using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Kernel.Log;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;

namespace Poc.StatementArchive.Statements;

/// <summary>Adds the next version of a translation.</summary>
public sealed class AddTranslation(IdempotentWrites writes, StoredStatements statements, LogAppender log, IdSource ids, TimeProvider clock)
{
    private const string CountSql = "SELECT count(*) FILTER (WHERE language = $2), count(*) FROM translations WHERE statement_id = $1";

    private const string InsertSql = """
        INSERT INTO translations (statement_id, language, version, sealed, entry_id, added_at) VALUES ($1, $2, $3, $4, $5, $6)
        """;

    private const string StoredSql = "SELECT entry_id, sealed, added_at FROM translations WHERE statement_id = $1 AND language = $2 AND version = $3";

    /// <summary>Answers when it is on disk, with its version.</summary>
    public Task<AddTranslationResponse> HandleAsync(AddTranslationRequest request, Caller caller, CancellationToken cancellation)
    {
        var violations = new Violations().Uuid("request_id", request.RequestId).Name("parent", request.Parent, StatementName.Pattern);
        if (request.Translation is { } translation)
        {
            violations
                .Language("translation.language", translation.Language)
                .Text("translation.text", translation.Text)
                .NotBlank("translation.translator", translation.Translator).Handle("translation.translator", translation.Translator);
        }

        violations.Require(request.Translation is not null, "translation", "is required").ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => AddAsync(tx, request, caller), (tx, kept) => AgainAsync(tx, request.Parent, kept), cancellation);
    }

    private async Task<KeptAnswer<AddTranslationResponse>> AddAsync(Tx tx, AddTranslationRequest request, Caller caller)
    {
        var actor = await log.ActorAsync(tx, caller.Id);
        var key = await statements.LockAsync(tx, request.Parent);
        var statementId = key.ObjectId;
        var (inLanguage, inAll) = await tx.QuerySingleOrDefaultAsync(
            CountSql, row => (row.GetInt64(0), row.GetInt64(1)), statementId, request.Translation.Language);
        var (entryId, at) = (ids.Next(), clock.Now());
        var nonce = RandomNumberGenerator.GetBytes(Commitment.NonceSize);
        var translation = request.Translation.Clone();
        translation.Version = checked((int)inLanguage + 1);
        var record = EvidenceRecord.Of(translation);
        await tx.ExecuteAsync(InsertSql, statementId, translation.Language, translation.Version, key.Close(entryId, new Evidence(translation.Text, record, nonce)), entryId, at);
        await log.AppendAsync(tx, new LogEntry(LogEntry.Kinds.Translation, entryId, statementId, actor, at)
        {
            Commitment = EvidenceRecord.Commit(nonce, translation.Text),
            RecordCommitment = EvidenceRecord.Commit(nonce, record),
            MediaType = "text/plain",
            Size = Encoding.UTF8.GetByteCount(translation.Text),
        });
        await Outbox.AddAsync(tx, new TranslationAdded(ids.Next(), request.Parent, inAll + 1, at, translation.Language, translation.Version));
        (translation.AddedAt, translation.State) = (Timestamp.FromDateTimeOffset(at), TranslationState.Unreviewed);
        return new KeptAnswer<AddTranslationResponse>(
            new AddTranslationResponse { Translation = translation },
            new AddTranslationResponse { Translation = new Translation { Language = translation.Language, Version = translation.Version } }, statementId);
    }

    private async Task<AddTranslationResponse> AgainAsync(Tx tx, string statement, AddTranslationResponse kept)
    {
        var key = await statements.LockAsync(tx, statement);
        var (entryId, @sealed, at) = await tx.QuerySingleOrDefaultAsync(
            StoredSql, static row => (row.GetGuid(0), row.GetFieldValue<byte[]>(1), row.GetFieldValue<DateTimeOffset>(2)),
            key.ObjectId, kept.Translation.Language, kept.Translation.Version);
        return key.Open(entryId, @sealed) is { Text: { } text, Record: { } record }
            ? new AddTranslationResponse { Translation = Unreviewed(StoredStatements.TranslationOf(text, record, at)) }
            : throw ArchiveErrors.StatementUnreadable(statement);
    }

    // As it was answered the first time, whatever was said of it since.
    private static Translation Unreviewed(Translation translation)
    {
        translation.State = TranslationState.Unreviewed;
        return translation;
    }
}
