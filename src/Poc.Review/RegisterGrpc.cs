using Grpc.Core;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Review.Register;

namespace Poc.Review;

/// <summary>What is public, for anyone.</summary>
internal sealed class RegisterGrpc(GetRegisterEntry getRegisterEntry, ListRegisterEntries listRegisterEntries, SearchRegister searchRegister, ListRegisterChanges listRegisterChanges)
    : RegisterService.RegisterServiceBase
{
    [Allow(Roles.Anonymous)]
    public override Task<GetRegisterEntryResponse> GetRegisterEntry(GetRegisterEntryRequest request, ServerCallContext context) =>
        getRegisterEntry.HandleAsync(request, context.CancellationToken);

    [Allow(Roles.Anonymous)]
    public override Task<ListRegisterEntriesResponse> ListRegisterEntries(ListRegisterEntriesRequest request, ServerCallContext context) =>
        listRegisterEntries.HandleAsync(request, context.CancellationToken);

    [Allow(Roles.Anonymous)]
    public override Task<SearchRegisterResponse> SearchRegister(SearchRegisterRequest request, ServerCallContext context) =>
        searchRegister.HandleAsync(request, context.CancellationToken);

    [Allow(Roles.Anonymous)]
    public override Task<ListRegisterChangesResponse> ListRegisterChanges(ListRegisterChangesRequest request, ServerCallContext context) =>
        listRegisterChanges.HandleAsync(request, context.CancellationToken);
}
