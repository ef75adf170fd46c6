using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Holds;

/// <summary>Forbids the erasure of an object.</summary>
public sealed class PlaceLegalHold(IdempotentWrites writes, StoredEvidence evidence, HoldRecorder holds)
{
    /// <summary>Answers when the hold is on disk; from then on it holds.</summary>
    public Task<PlaceLegalHoldResponse> HandleAsync(PlaceLegalHoldRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .ObjectNamed("parent", request.Parent)
            .NotBlank("reason", request.Reason).MaxLength("reason", request.Reason, StatementRules.MaxDescription)
            .NotBlank("authority", request.Authority).Handle("authority", request.Authority)
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => PlaceAsync(tx, request, caller), (tx, kept) => AgainAsync(tx, request.Parent, kept), cancellation);
    }

    private async Task<KeptAnswer<PlaceLegalHoldResponse>> PlaceAsync(Tx tx, PlaceLegalHoldRequest request, Caller caller)
    {
        var locked = await ObjectName.LockAsync(tx, request.Parent);
        var key = await evidence.KeyOfAsync(tx, locked.Id) ?? throw ArchiveErrors.ObjectErased(locked.Name);
        var holdId = await holds.RecordAsync(tx, key, lifts: null, new LegalHold { Reason = request.Reason, Authority = request.Authority }, caller);
        var kept = new PlaceLegalHoldResponse { LegalHold = new LegalHold { Name = LegalHolds.NameOf(holdId) } };
        return new KeptAnswer<PlaceLegalHoldResponse>(await AgainAsync(tx, locked.Name, kept), kept, locked.Id);
    }

    private async Task<PlaceLegalHoldResponse> AgainAsync(Tx tx, string name, PlaceLegalHoldResponse kept)
    {
        var locked = await ObjectName.LockAsync(tx, name);
        var key = await evidence.KeyOfAsync(tx, locked.Id) ?? throw ArchiveErrors.ObjectErased(name);
        return new PlaceLegalHoldResponse { LegalHold = (await LegalHolds.OfObjectAsync(tx, key, name)).Single(hold => hold.Name == kept.LegalHold.Name) };
    }
}
