using System.Collections.Concurrent;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Review.Tests;

/// <summary>The other end of Review's calls to Intake: speaks its wire behind the real gate, and answers what it is told to answer.</summary>
internal sealed class AnsweringIntake : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AnsweringIntake(string reviewKey)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // A folder without appsettings.json: those beside the tests are Review's.
            ContentRootPath = Servers.Folder,
            Args =
            [
                "--environment=Development", $"--Kestrel:Endpoints:grpc:Url={Address}", "--Kestrel:Endpoints:grpc:Protocols=Http2", "--ServiceIdentity:Name=intake",
                $"--ServiceIdentity:Trusted:review={reviewKey}", "--Logging:LogLevel:Default=Critical",
            ],
        });
        builder.AddPocAuthentication();
        builder.AddPocGrpc();
        builder.Services.AddSingleton(this);
        _app = builder.Build();
        _app.MapPocGrpc<Admissibility>();
        _app.MapPocGrpc<Campaigns>();
    }

    public string Address { get; } = $"http://127.0.0.1:{LoopbackPorts.Take()}";

    /// <summary>What requests repeat; one that is not here repeats nothing.</summary>
    public ConcurrentDictionary<string, Repetition> Repetitions { get; } = [];

    /// <summary>Requests about which it cannot be asked: as if it were away.</summary>
    public ConcurrentDictionary<string, bool> Away { get; } = [];

    /// <summary>Requests that it does not have.</summary>
    public ConcurrentDictionary<string, bool> Unknown { get; } = [];

    /// <summary>What requests of campaigns say of their own.</summary>
    public ConcurrentDictionary<string, string> Residues { get; } = [];

    /// <summary>How often it was asked about each.</summary>
    public ConcurrentDictionary<string, int> Asked { get; } = [];

    public static async Task<AnsweringIntake> StartAsync(string reviewKey)
    {
        var intake = new AnsweringIntake(reviewKey);
        await intake._app.StartAsync();
        return intake;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static RpcError Refused(StatusCode code, string reason) => new(code, reason, "As the test asked for.");

    private sealed class Admissibility(AnsweringIntake intake) : AdmissibilityService.AdmissibilityServiceBase
    {
        [Allow(Roles.ServiceReview)]
        public override Task<GetRepetitionResponse> GetRepetition(GetRepetitionRequest request, ServerCallContext context)
        {
            intake.Asked.AddOrUpdate(request.Request, 1, static (_, count) => count + 1);
            return intake.Away.ContainsKey(request.Request) ? throw Refused(StatusCode.Unavailable, "DATABASE_UNAVAILABLE")
                : intake.Unknown.ContainsKey(request.Request) ? throw Refused(StatusCode.NotFound, "REQUEST_NOT_FOUND")
                : Task.FromResult(new GetRepetitionResponse { Repetition = intake.Repetitions.GetValueOrDefault(request.Request, new Repetition()) });
        }
    }

    private sealed class Campaigns(AnsweringIntake intake) : CampaignService.CampaignServiceBase
    {
        [Allow(Roles.ServiceReview)]
        public override Task<ListCampaignResiduesResponse> ListCampaignResidues(ListCampaignResiduesRequest request, ServerCallContext context) => intake.Away.ContainsKey(request.Name)
            ? throw Refused(StatusCode.Unavailable, "DATABASE_UNAVAILABLE")
            : Task.FromResult(new ListCampaignResiduesResponse
            {
                Residues = { request.Requests.Where(intake.Residues.ContainsKey).Select(name => new CampaignResidue { Request = name, Text = intake.Residues[name], Words = 1 }) },
            });
    }
}
