using System.Collections.Concurrent;
using System.Security.Cryptography;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Intake.Tests;

/// <summary>The other end of Intake's one call to the archive: speaks its wire behind the real gate, and has the statements it is told to have.</summary>
internal sealed class Archive : IAsyncDisposable
{
    private WebApplication? _app;

    public string Address { get; } = $"http://127.0.0.1:{LoopbackPorts.Take()}";

    public HashSet<string> Statements { get; } = ["subjects/navalny/statements/s1", "subjects/navalny/statements/s2"];

    /// <summary>What was handed over to it, by source.</summary>
    public ConcurrentDictionary<string, byte[]> Captures { get; } = [];

    public static async Task<Archive> StartAsync()
    {
        var archive = new Archive();
        await archive.StartAgainAsync();
        return archive;
    }

    public async Task StartAgainAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // A folder without appsettings.json: those beside the tests are Intake's.
            ContentRootPath = Servers.Folder,
            Args =
            [
                "--environment=Development", $"--Kestrel:Endpoints:grpc:Url={Address}", "--Kestrel:Endpoints:grpc:Protocols=Http2", "--ServiceIdentity:Name=archive",
                $"--ServiceIdentity:Trusted:intake={IntakeServer.PublicKey}", "--Logging:LogLevel:Default=Warning",
            ],
        });
        builder.AddPocAuthentication();
        builder.AddPocGrpc();
        builder.Services.AddSingleton(this);
        _app = builder.Build();
        _app.MapPocGrpc<Service>();
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await StopAsync();
        }
    }

    private sealed class Service(Archive archive) : StatementArchiveService.StatementArchiveServiceBase
    {
        [Allow(Roles.ServiceIntake)]
        public override Task<CheckStatementsResponse> CheckStatements(CheckStatementsRequest request, ServerCallContext context) =>
            Task.FromResult(new CheckStatementsResponse { UnknownNames = { request.Names.Where(name => !archive.Statements.Contains(name)) } });

        [Allow(Roles.ServiceIntake)]
        public override async Task<RecordCaptureResponse> RecordCapture(IAsyncStreamReader<RecordCaptureRequest> requestStream, ServerCallContext context)
        {
            var (bytes, capture) = (new MemoryStream(), new Capture());
            await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken))
            {
                capture = message.Capture ?? capture;
                message.Data.WriteTo(bytes);
            }

            Assert.Equal(capture.Sha256.Span, SHA256.HashData(bytes.ToArray()));
            archive.Captures[capture.Source] = bytes.ToArray();
            return new RecordCaptureResponse { Capture = new Capture(capture) { Name = "captures/01890a5d-ac96-774b-bcce-b302099a8057", LogIndex = 7 } };
        }
    }
}
