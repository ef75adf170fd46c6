using Poc.Contracts.Review.V1;

namespace Poc.Review.Protocols;

/// <summary>The protocol versions on record, oldest first.</summary>
internal sealed class ListProtocols(ProtocolShelf shelf)
{
    public Task<ListProtocolsResponse> HandleAsync() =>
        Task.FromResult(new ListProtocolsResponse { Protocols = { shelf.All.Select(static rules => rules.ToMessage()) } });
}
