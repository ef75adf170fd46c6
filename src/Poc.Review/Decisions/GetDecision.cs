using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Decisions;

/// <summary>One decision, drafts and embargoed ones included: for staff.</summary>
internal sealed class GetDecision(Database database)
{
    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DECISION_NOT_FOUND.</exception>
    public async Task<GetDecisionResponse> HandleAsync(GetDecisionRequest request, CancellationToken cancellation)
    {
        new Violations().Name("name", request.Name, Names.Decision).ThrowIfAny();
        return new GetDecisionResponse
        {
            Decision = await database.ReadAsync(tx => DecisionView.ReadAsync(tx, request.Name), cancellation)
                ?? throw ReviewErrors.DecisionNotFound(request.Name),
        };
    }
}
