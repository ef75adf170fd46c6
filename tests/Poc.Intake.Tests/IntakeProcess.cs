using Grpc.Net.Client;
using Poc.Contracts.Intake.V1;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Intake.Tests;

/// <summary>Intake as a process of its own, so that it can be killed: a replica of others with the same surroundings.</summary>
internal sealed class IntakeProcess : IAsyncDisposable
{
    private readonly ChildProcessOptions _options;
    private readonly GrpcChannel _channel;
    private ChildProcess _process;

    private IntakeProcess(ChildProcessOptions options, string address, string web)
    {
        (_options, _process, Address, Web) = (options, ChildProcess.Start(options, Servers.Processes), address, web);
        _channel = GrpcChannel.ForAddress(address);
        Client = new IntakeService.IntakeServiceClient(_channel);
    }

    public IntakeService.IntakeServiceClient Client { get; }

    /// <summary>Its gRPC endpoint.</summary>
    public string Address { get; }

    /// <summary>Where it answers HTTP/1.1.</summary>
    public string Web { get; }

    public int Pid => _process.Identity.Pid;

    /// <param name="surroundings">Its servers.</param>
    /// <param name="settings">Settings beside the usual, <c>Name:Of:Setting</c> and value.</param>
    public static IntakeProcess Start(Surroundings surroundings, params (string Name, string Value)[] settings)
    {
        var (grpc, web) = ($"http://127.0.0.1:{LoopbackPorts.Take()}", $"http://127.0.0.1:{LoopbackPorts.Take()}");
        string[] arguments = [.. IntakeServer.Settings(surroundings, grpc, web, settings).Select(static setting => $"--{setting.Name}={setting.Value}")];
        return new IntakeProcess(new ChildProcessOptions("intake", "dotnet", [Path.Combine(AppContext.BaseDirectory, "Poc.Intake.dll"), .. arguments])
        {
            WorkingFolder = Servers.Folder,
            LogFile = Path.Combine(Servers.Folder, "intake.log"),
        }, grpc, web);
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public Task KillAsync() => _process.KillAsync();

    public void StartAgain() => _process = ChildProcess.Start(_options, Servers.Processes);

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _process.StopAsync(TimeSpan.FromSeconds(30));
    }
}
