using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Poc.LocalHost.Running;

namespace Aspire.Hosting;

/// <summary>A resource that others find by its name.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

/// <summary>Names a project of the solution; the build writes one class for each that the AppHost references.</summary>
public interface IProjectMetadata
{
    /// <summary>The project file.</summary>
    string ProjectPath { get; }
}

/// <summary>Something is wrong with the application as it is described or configured. The message is meant for whoever starts it.</summary>
public class DistributedApplicationException(string message) : Exception(message);

/// <summary>What the AppHost was started for. The stand-in only ever runs.</summary>
public sealed class DistributedApplicationExecutionContext
{
    /// <summary>Whether resources are run, here and now.</summary>
    public bool IsRunMode => true;

    /// <summary>Whether something is made for another place; that needs Aspire.</summary>
    public bool IsPublishMode => false;
}

/// <summary>Takes the description of an application.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>Settings: <c>appsettings.json</c>, user secrets, environment variables and the command line, the latter winning.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>The environment's name and folders.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>The folder of the AppHost's project.</summary>
    string AppHostDirectory { get; }

    /// <summary>What the AppHost was started for.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>The AppHost's own services.</summary>
    IServiceCollection Services { get; }

    /// <summary>Adds a resource.</summary>
    /// <exception cref="DistributedApplicationException">There is one of this name.</exception>
    IResourceBuilder<T> AddResource<T>(T resource) where T : IResource;

    /// <summary>Ends the description.</summary>
    DistributedApplication Build();
}

/// <summary>An application of several processes that is started and stopped as one.</summary>
public sealed class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly Stack _stack;

    internal DistributedApplication(IHost host) => (_host, _stack) = (host, host.Services.GetRequiredService<Stack>());

    /// <summary>The AppHost's own services.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>Tells how the resources stand.</summary>
    public ResourceNotificationService ResourceNotifications => _host.Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>Begins the description of an application.</summary>
    /// <param name="args">The command line. Beside settings as <c>--Parameters:replicas 2</c> the stand-in knows <c>--reset</c>, which begins with empty data.</param>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args)
    {
        try
        {
            return new DistributedApplicationBuilder(args, Assembly.GetEntryAssembly());
        }
        catch (DistributedApplicationException reason)
        {
            // AppHost.cs has nowhere to catch this, and a stack trace would hide the one line that matters.
            Console.Error.WriteLine(reason.Message);
            System.Environment.Exit(1);
            throw;
        }
    }

    /// <summary>Starts all resources and returns while they are still starting.</summary>
    /// <exception cref="DistributedApplicationException">The application cannot start as it is configured.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default) => _host.StartAsync(cancellationToken);

    /// <summary>Stops all resources, each after those that depend on it.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <summary>Runs the application until Ctrl-C, SIGTERM or the token.</summary>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _host.RunAsync(cancellationToken);
        }
        catch (DistributedApplicationException reason)
        {
            _stack.Fail(reason.Message);
        }

        if (_stack.Failure is { } failure)
        {
            await Console.Error.WriteLineAsync(failure);
            System.Environment.Exit(1);
        }
    }

    /// <summary>Runs the application until Ctrl-C or SIGTERM.</summary>
    public void Run() => RunAsync().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void Dispose() => _host.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _host.Dispose();
        return ValueTask.CompletedTask;
    }
}

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly List<Resource> _resources = [];

    internal DistributedApplicationBuilder(string[] args, Assembly? appHost)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new DistributedApplicationException("The local stand-in for Aspire runs on Linux and macOS only. On Windows build with -p:UseAspire=true.");
        }

        if (args.Contains("--publisher") || args.Contains("--operation"))
        {
            throw new DistributedApplicationException("Publishing needs Aspire, and this build uses the local stand-in for it: build with -p:UseAspire=true against a NuGet feed that offers Aspire.");
        }

        AppHostDirectory = appHost?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(data => data.Key == "AppHostDirectory")?.Value ?? Directory.GetCurrentDirectory();
        var named = System.Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? System.Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT");
        _host = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = [.. args.Where(argument => argument != "--reset")],
            ContentRootPath = AppHostDirectory,
            // A stand-in for a laptop: development is what it is for.
            EnvironmentName = named ?? Environments.Development,
        });
        _host.Logging.ClearProviders();
        State = StateFolder.Take(_host.Configuration["StateFolder"] ?? Path.Combine(AppHostDirectory, "..", ".poc"), reset: args.Contains("--reset"));
        _host.Services.AddSingleton<IReadOnlyList<Resource>>(_resources);
        _host.Services.AddSingleton(State);
        _host.Services.AddSingleton<ResourceNotificationService>();
        _host.Services.AddSingleton<Stack>();
        _host.Services.AddSingleton<Display>();
        _host.Services.AddSingleton<StatusPage>();
        _host.Services.AddHostedService(services => services.GetRequiredService<Stack>());
        _host.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(2));
        _host.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public IHostEnvironment Environment => _host.Environment;

    public string AppHostDirectory { get; }

    public DistributedApplicationExecutionContext ExecutionContext { get; } = new();

    public IServiceCollection Services => _host.Services;

    internal StateFolder State { get; }

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        if (_resources.Exists(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException($"There are two resources named '{resource.Name}'.");
        }

        _resources.Add((Resource)(IResource)resource);
        return new Builder<T>(resource, this);
    }

    public DistributedApplication Build() => new(_host.Build());

    private sealed record Builder<T>(T Resource, IDistributedApplicationBuilder ApplicationBuilder) : IResourceBuilder<T> where T : IResource;
}
