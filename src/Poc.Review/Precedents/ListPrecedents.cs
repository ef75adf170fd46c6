using Poc.Contracts.Review.V1;
using Poc.Postgres;

namespace Poc.Review.Precedents;

/// <summary>Precedents, oldest first: those recorded, and every decision in force that was made here.</summary>
internal sealed class ListPrecedents(Database database)
{
    public async Task<ListPrecedentsResponse> HandleAsync(CancellationToken cancellation) =>
        new() { Precedents = { (await database.ReadAsync(PrecedentRecord.AllAsync, cancellation)).Select(static record => record.Precedent) } };
}
