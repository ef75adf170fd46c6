using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Holds;

/// <summary>Ends a legal hold, on record.</summary>
public sealed class LiftLegalHold(IdempotentWrites writes, StoredEvidence evidence, HoldRecorder holds)
{
    private const string FindSql = """
        SELECT coalesce(s.name, 'captures/' || h.object_id) FROM legal_holds h LEFT JOIN statements s ON s.statement_id = h.object_id WHERE h.hold_id = $1 AND h.lifts IS NULL
        """;

    /// <summary>Answers when it is on disk.</summary>
    public Task<LiftLegalHoldResponse> HandleAsync(LiftLegalHoldRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("name", request.Name, "legalHolds/{legal_hold}")
            .NotBlank("reason", request.Reason).MaxLength("reason", request.Reason, StatementRules.MaxDescription)
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => LiftAsync(tx, request, caller), (tx, _) => AgainAsync(tx, request.Name), cancellation);
    }

    private async Task<KeptAnswer<LiftLegalHoldResponse>> LiftAsync(Tx tx, LiftLegalHoldRequest request, Caller caller)
    {
        var locked = await ObjectName.LockAsync(tx, await ObjectOfAsync(tx, request.Name));
        var key = await evidence.KeyOfAsync(tx, locked.Id) ?? throw ArchiveErrors.ObjectErased(locked.Name);
        if ((await LegalHolds.OfObjectAsync(tx, key, locked.Name)).Single(hold => hold.Name == request.Name).LiftedAt is not null)
        {
            throw ArchiveErrors.LegalHoldLifted(request.Name);
        }

        await holds.RecordAsync(tx, key, IdOf(request.Name), new LegalHold { LiftReason = request.Reason }, caller);
        return new KeptAnswer<LiftLegalHoldResponse>(await AgainAsync(tx, request.Name), new LiftLegalHoldResponse(), locked.Id);
    }

    private async Task<LiftLegalHoldResponse> AgainAsync(Tx tx, string name)
    {
        var locked = await ObjectName.LockAsync(tx, await ObjectOfAsync(tx, name));
        var key = await evidence.KeyOfAsync(tx, locked.Id) ?? throw ArchiveErrors.ObjectErased(locked.Name);
        return new LiftLegalHoldResponse { LegalHold = (await LegalHolds.OfObjectAsync(tx, key, locked.Name)).Single(hold => hold.Name == name) };
    }

    private static Guid? IdOf(string name) => Guid.TryParseExact(name["legalHolds/".Length..], "D", out var id) ? id : null;

    private static async Task<string> ObjectOfAsync(Tx tx, string name) => IdOf(name) is { } id
        ? await tx.QuerySingleOrDefaultAsync(FindSql, static row => row.GetString(0), id) ?? throw ArchiveErrors.LegalHoldNotFound(name)
        : throw ArchiveErrors.LegalHoldNotFound(name);
}
