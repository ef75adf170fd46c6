using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Holds;

/// <summary>Lists the legal holds of an object.</summary>
public sealed class ListLegalHolds(Database database, StoredEvidence evidence)
{
    /// <summary>All of them, oldest first.</summary>
    public Task<ListLegalHoldsResponse> HandleAsync(ListLegalHoldsRequest request, CancellationToken cancellation)
    {
        new Violations().ObjectNamed("parent", request.Parent).ThrowIfAny();
        return database.ReadAsync(async tx =>
        {
            var found = await ObjectName.FindAsync(tx, request.Parent)
                ?? throw (await ErasedObjects.IsErasedAsync(tx, request.Parent) ? ArchiveErrors.ObjectErased(request.Parent) : ObjectName.NotFound(request.Parent));
            var key = await evidence.KeyOfAsync(tx, found) ?? throw ArchiveErrors.ObjectErased(request.Parent);
            return new ListLegalHoldsResponse { LegalHolds = { await LegalHolds.OfObjectAsync(tx, key, request.Parent) } };
        }, cancellation);
    }
}
