using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Hammer;

/// <summary>The gRPC host that every service has, with methods that do nothing: what a call costs before anything is done for it. A process of its own, as the services are.</summary>
internal static class EmptyHost
{
    /// <summary>The command that starts it, for this program alone.</summary>
    public const string Command = "empty-host";

    /// <summary>Serves until it is stopped.</summary>
    public static async Task<int> RunAsync(string url)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kestrel:Endpoints:grpc:Url"] = url,
            ["Kestrel:Endpoints:grpc:Protocols"] = "Http2",
            ["ServiceIdentity:Name"] = "review",
            ["Logging:LogLevel:Default"] = "Warning",
        });
        builder.AddServiceDefaults();
        builder.AddPocAuthentication();
        builder.AddPocGrpc();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapPocGrpc<Nothing>();
        await app.RunAsync();
        return 0;
    }

    private sealed class Nothing : RegisterService.RegisterServiceBase
    {
        [Allow(Roles.Anonymous)]
        public override Task<GetRegisterEntryResponse> GetRegisterEntry(GetRegisterEntryRequest request, ServerCallContext context) => Task.FromResult(new GetRegisterEntryResponse());

        [Allow(Roles.Anonymous)]
        public override Task<ListRegisterEntriesResponse> ListRegisterEntries(ListRegisterEntriesRequest request, ServerCallContext context) => Task.FromResult(new ListRegisterEntriesResponse());

        [Allow(Roles.Anonymous)]
        public override Task<SearchRegisterResponse> SearchRegister(SearchRegisterRequest request, ServerCallContext context) => Task.FromResult(new SearchRegisterResponse());

        [Allow(Roles.Anonymous)]
        public override Task<ListRegisterChangesResponse> ListRegisterChanges(ListRegisterChangesRequest request, ServerCallContext context) => Task.FromResult(new ListRegisterChangesResponse());
    }
}
