using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Dossiers;

/// <summary>Puts on record that the subject was given an opportunity to reply, or why not. A further record is added; the last one counts.</summary>
internal sealed class RecordRightOfReply(IdempotentWrites writes, TimeProvider clock)
{
    private const string InsertSql = "INSERT INTO replies (dossier, given, reason, dated, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6)";

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, ABORTED ETAG_MISMATCH, FAILED_PRECONDITION
    /// ILLEGAL_TRANSITION.</exception>
    public Task<RecordRightOfReplyResponse> HandleAsync(RecordRightOfReplyRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("dossier", request.Dossier, Names.Dossier)
            .Require(request.RightOfReply is not null, "right_of_reply", "must be given")
            .Text("right_of_reply.reason", request.RightOfReply?.Reason)
            .DayUpTo("right_of_reply.dated", request.RightOfReply?.Dated ?? "", Days.Today(clock))
            .NotBlank("etag", request.Etag)
            .ThrowIfAny();
        var reply = request.RightOfReply!;
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var dossier = (await DossierRecord.LockAsync(tx, request.Dossier)).RequireEtag(request.Etag).Require(DossierAction.RecordRightOfReply);
            await tx.ExecuteAsync(InsertSql, dossier.Name, reply.Given, reply.Reason, Days.Parse(reply.Dated), caller.Id, clock.GetUtcNow());
            await dossier.TouchAsync(tx);
            return new RecordRightOfReplyResponse { Dossier = await DossierView.ReadAsync(tx, dossier.Name) };
        }, cancellation);
    }
}
