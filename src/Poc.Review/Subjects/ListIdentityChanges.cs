using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Subjects;

/// <summary>What was proposed about who a subject is, whether it counts or not.</summary>
internal sealed class ListIdentityChanges(Database database)
{
    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND SUBJECT_NOT_FOUND.</exception>
    public async Task<ListIdentityChangesResponse> HandleAsync(ListIdentityChangesRequest request, CancellationToken cancellation)
    {
        new Violations().Name("parent", request.Parent, Names.Subject).ThrowIfAny();
        return await database.ReadAsync(async tx => await People.PersonAsync(tx, request.Parent) is null
            ? throw ReviewErrors.SubjectNotFound(request.Parent)
            : new ListIdentityChangesResponse { IdentityChanges = { await IdentityLedger.OfPersonAsync(tx, request.Parent) } }, cancellation);
    }
}
