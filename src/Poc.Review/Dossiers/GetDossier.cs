using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Dossiers;

/// <summary>One dossier: requests, statements, panel, right of reply, pressure page.</summary>
internal sealed class GetDossier(Database database)
{
    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND.</exception>
    public async Task<GetDossierResponse> HandleAsync(GetDossierRequest request, CancellationToken cancellation)
    {
        new Violations().Name("name", request.Name, Names.Dossier).ThrowIfAny();
        return new GetDossierResponse
        {
            Dossier = await database.ReadAsync(tx => DossierView.ReadAsync(tx, request.Name), cancellation) ?? throw ReviewErrors.DossierNotFound(request.Name),
        };
    }
}
