using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Dossiers;

/// <summary>
/// Puts a staff member's unease on the record, once per person and dossier. Where anonymity is wished no answer of this service names the author; the row does,
/// because it is what keeps a person from speaking twice.
/// </summary>
internal sealed class RecordConcern(IdempotentWrites writes, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO concerns (dossier, author, text, anonymous, recorded_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT ON CONSTRAINT pk_concerns DO NOTHING
        """;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, ALREADY_EXISTS CONCERN_ALREADY_RECORDED.</exception>
    public Task<RecordConcernResponse> HandleAsync(RecordConcernRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Uuid("request_id", request.RequestId).Name("dossier", request.Dossier, Names.Dossier).Text("text", request.Text,
            Names.Prose).ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            // Possible in every state, and no change of what others have seen: the etag stays.
            var dossier = await DossierRecord.LockAsync(tx, request.Dossier);
            return await tx.ExecuteAsync(InsertSql, dossier.Name, caller.Id, request.Text, request.Anonymous, clock.GetUtcNow()) == 1
                ? new RecordConcernResponse { Concern = new Concern { Author = request.Anonymous ? "" : caller.Id, Text = request.Text } }
                : throw ReviewErrors.ConcernAlreadyRecorded(dossier.Name);
        }, cancellation);
    }
}
