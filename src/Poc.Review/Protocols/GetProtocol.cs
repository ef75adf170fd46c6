using Poc.Contracts.Review.V1;

namespace Poc.Review.Protocols;

/// <summary>One protocol version with its document.</summary>
internal sealed class GetProtocol(ProtocolShelf shelf)
{
    public Task<GetProtocolResponse> HandleAsync(GetProtocolRequest request) =>
        Task.FromResult(new GetProtocolResponse { Protocol = (shelf.Find(request.Name) ?? throw ReviewErrors.ProtocolNotFound(request.Name)).ToMessage() });
}
