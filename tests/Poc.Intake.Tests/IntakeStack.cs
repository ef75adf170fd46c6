using Poc.Testing;

[assembly: AssemblyFixture(typeof(Poc.Intake.Tests.IntakeStack))]

namespace Poc.Intake.Tests;

/// <summary>One Intake, one archive and one other service for all tests that do not break anything. Each test brings its own partner.</summary>
public sealed class IntakeStack : IAsyncDisposable
{
    private readonly Lazy<Task<Parts>> _parts = new(StartAsync);

    internal async Task<IntakeServer> IntakeAsync() => (await _parts.Value).Intake;

    internal async Task<OtherService> OthersAsync() => (await _parts.Value).Others;

    /// <summary>A replica of the same Intake with other settings.</summary>
    internal async Task<IntakeServer> ReplicaAsync(params (string Name, string Value)[] settings) => await IntakeServer.StartAsync((await _parts.Value).Intake.Surroundings, settings);

    /// <summary>Servers that a test may break.</summary>
    internal static async Task<Surroundings> OwnAsync(string bus, string redis) => new(await TestDatabase.CreateAsync("intakedb"), bus, redis, await Archive.StartAsync());

    public async ValueTask DisposeAsync()
    {
        if (_parts is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            var parts = await _parts.Value;
            await parts.Intake.DisposeAsync();
            await parts.Others.DisposeAsync();
            await parts.Intake.Surroundings.Archive.DisposeAsync();
            await parts.Intake.Database.DisposeAsync();
        }
    }

    private static async Task<Parts> StartAsync()
    {
        var bus = await Servers.NewBusAsync();
        var redis = await Servers.RedisAsync();
        var surroundings = await OwnAsync(bus, redis.ConnectionString);
        var others = await OtherService.StartAsync(surroundings.Bus);
        return new Parts(await IntakeServer.StartAsync(surroundings), others);
    }

    private sealed record Parts(IntakeServer Intake, OtherService Others);
}
