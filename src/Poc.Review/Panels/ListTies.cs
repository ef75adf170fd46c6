using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Panels;

/// <summary>All ties to a subject, ended ones too. They are few: there is no paging.</summary>
internal sealed class ListTies(Database database)
{
    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID.</exception>
    public async Task<ListTiesResponse> HandleAsync(ListTiesRequest request, CancellationToken cancellation)
    {
        new Violations().Name("parent", request.Parent, Names.Subject).ThrowIfAny();
        return new ListTiesResponse { Ties = { await database.ReadAsync(tx => TieLedger.OfSubjectAsync(tx, request.Parent), cancellation) } };
    }
}
