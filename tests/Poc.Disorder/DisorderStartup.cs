using System.Globalization;
using MassTransit;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

[assembly: HostingStartup(typeof(Poc.Disorder.DisorderStartup))]

namespace Poc.Disorder;

/// <summary>Puts the disorder before every consumer of a service, where <c>POC_DISORDER_SEED</c> is set.</summary>
public sealed class DisorderStartup : IHostingStartup
{
    /// <summary>The number that everything random follows from.</summary>
    public const string Seed = "POC_DISORDER_SEED";

    /// <summary>The folder in which each process writes what it did.</summary>
    public const string Log = "POC_DISORDER_LOG";

    /// <summary>A queue whose consumer is made to take order for granted: it passes over what comes after something that was sent later.</summary>
    public const string Forgets = "POC_DISORDER_FORGETS";

    /// <inheritdoc/>
    public void Configure(IWebHostBuilder builder)
    {
        // Programs that are on no bus find this assembly too, and have no MassTransit to be loaded.
        if (Environment.GetEnvironmentVariable(Seed) is { Length: > 0 } seed && File.Exists(Path.Combine(AppContext.BaseDirectory, "MassTransit.dll")))
        {
            Disturb(builder, int.Parse(seed, CultureInfo.InvariantCulture));
        }
    }

    private static void Disturb(IWebHostBuilder builder, int seed) => builder.ConfigureServices(services => services.AddSingleton<IConfigureReceiveEndpoint>(new DisorderedQueues(seed)));

    private sealed class DisorderedQueues(int seed) : IConfigureReceiveEndpoint
    {
        private readonly HandOverLog _log = new(Environment.GetEnvironmentVariable(Log));
        private readonly string? _forgets = Environment.GetEnvironmentVariable(Forgets);

        public void Configure(string name, IReceiveEndpointConfigurator configurator) => configurator.UseFilter(new DisorderFilter(name, seed, name == _forgets, _log));
    }
}
