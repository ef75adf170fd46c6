using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Retractions;

/// <summary>Reads a statement's ledger.</summary>
public sealed class ListRetractionEntries(Database database)
{
    private const string FindSql = "SELECT statement_id FROM statements WHERE name = $1";

    /// <summary>The ledger, oldest evidence first, and what it folds to.</summary>
    public Task<ListRetractionEntriesResponse> HandleAsync(ListRetractionEntriesRequest request, CancellationToken cancellation)
    {
        new Violations().Name("parent", request.Parent, StatementName.Pattern).ThrowIfAny();
        return database.ReadAsync(async tx =>
        {
            var id = await tx.QuerySingleOrDefaultAsync(FindSql, row => (Guid?)row.GetGuid(0), request.Parent)
                ?? throw ArchiveErrors.StatementNotFound(request.Parent);
            var ledger = await RetractionLedger.ReadAsync(tx, id);
            return new ListRetractionEntriesResponse { RetractionEntries = { RetractionFold.InOrder(ledger) }, RetractionState = RetractionFold.Of(ledger) };
        }, cancellation);
    }
}
