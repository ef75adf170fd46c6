using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Retractions;

/// <summary>Reads a statement's ledger.</summary>
public sealed class ListRetractionEntries(Database database, StoredEvidence evidence)
{
    private const string FindSql = "SELECT statement_id FROM statements WHERE name = $1";

    /// <summary>The ledger, oldest evidence first, and what it folds to.</summary>
    public Task<ListRetractionEntriesResponse> HandleAsync(ListRetractionEntriesRequest request, CancellationToken cancellation)
    {
        new Violations().Name("parent", request.Parent, StatementName.Pattern).ThrowIfAny();
        return database.ReadAsync(async tx =>
        {
            var id = await tx.QuerySingleOrDefaultAsync(FindSql, row => (Guid?)row.GetGuid(0), request.Parent)
                ?? throw (await ErasedObjects.IsErasedAsync(tx, request.Parent) ? ArchiveErrors.ObjectErased(request.Parent) : ArchiveErrors.StatementNotFound(request.Parent));
            var ledger = await evidence.KeyOfAsync(tx, id) is { } key ? await RetractionLedger.ReadAsync(tx, key) : throw ArchiveErrors.ObjectErased(request.Parent);
            return new ListRetractionEntriesResponse { RetractionEntries = { RetractionFold.InOrder(ledger) }, RetractionState = RetractionFold.Of(ledger) };
        }, cancellation);
    }
}
