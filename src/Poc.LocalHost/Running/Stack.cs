using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Poc.LocalHost.Processes;
using Poc.LocalHost.Servers;

namespace Poc.LocalHost.Running;

/// <summary>Starts every resource when what it waits for is ready, keeps it running, and stops all in the opposite order.</summary>
internal sealed class Stack(
    IReadOnlyList<Resource> resources, StateFolder state, ResourceNotificationService notifications, IConfiguration configuration, IHostEnvironment environment,
    IHostApplicationLifetime lifetime, Display display, StatusPage statusPage) : IHostedService
{
    private static readonly TimeSpan LeftoverPatience = TimeSpan.FromSeconds(10);
    private readonly Dictionary<Resource, ResourceRunner> _runners = [];
    private readonly Dictionary<Resource, (int Port, int? ManagementPort, string Password)> _servers = [];
    private readonly ConcurrentDictionary<Resource, Task> _stopped = new();
    private readonly List<TcpProxy> _proxies = [];
    private ProcessLedger? _ledger;
    private Task _starting = Task.CompletedTask;

    /// <summary>Why the whole stack cannot run, in one line; <see langword="null"/> while it can.</summary>
    public string? Failure { get; private set; }

    /// <summary>The status page's address, once it is served.</summary>
    internal string StatusAddress { get; set; } = "";

    internal StateFolder State => state;

    internal ProcessLedger Ledger => _ledger!;

    internal IConfiguration Configuration => configuration;

    internal IHostEnvironment Environment => environment;

    internal IReadOnlyList<Resource> Resources => resources;

    internal ResourceNotificationService Notifications => notifications;

    internal Display Display => display;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        display.Banner();
        CheckParameters();
        var left = await ProcessLedger.EndLeftovers(state.LedgerFile, LeftoverPatience, cancellationToken);
        if (left.Count > 0)
        {
            display.Line($"ended what an interrupted run had left: {string.Join(", ", left)}");
        }

        _ledger = ProcessLedger.Open(state.LedgerFile, LeftoverPatience);
        var random = configuration.GetValue("DcpPublisher:RandomizePorts", false);
        foreach (var resource in resources)
        {
            Prepare(resource, random);
        }

        var address = await statusPage.StartAsync(this, random);
        state.SayWhere(address);
        _starting = StartResourcesAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        display.Stopping();
        await Task.WhenAll(_runners.Keys.Select(StopInOrderAsync));
        await _starting;
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }

        await statusPage.DisposeAsync();
        _ledger?.Dispose();
        state.Dispose();
        display.Stopped();
    }

    /// <summary>Gives up the whole stack.</summary>
    internal void Fail(string reason)
    {
        Failure ??= reason;
        lifetime.StopApplication();
    }

    internal ResourceRunner? RunnerOf(string name) => _runners.FirstOrDefault(entry => string.Equals(entry.Key.Name, name, StringComparison.OrdinalIgnoreCase)).Value;

    internal string Parameter(ParameterResource parameter) => configuration[$"Parameters:{parameter.Name}"]
        ?? throw new DistributedApplicationException($"The parameter '{parameter.Name}' has no value.");

    /// <summary>How clients reach a server or database. It is known before the server runs: ports and passwords are settled first.</summary>
    internal Connection ConnectionOf(Resource resource)
    {
        if (resource is PostgresDatabaseResource database)
        {
            var server = ConnectionOf(database.Parent);
            return new($"{server.ConnectionString};Database={database.DatabaseName}",
                [.. server.Properties.Where(property => property.Name != "URI"), ("DATABASENAME", database.DatabaseName), ("URI", $"{server.Properties.Single(property => property.Name == "URI").Value}/{database.DatabaseName}")]);
        }

        var (number, _, password) = _servers[resource];
        var port = number.ToString(CultureInfo.InvariantCulture);
        var secret = Uri.EscapeDataString(password);
        const string host = "127.0.0.1";
        (string, string) at = ("HOST", host), on = ("PORT", port), with = ("PASSWORD", password);
        return resource switch
        {
            PostgresServerResource => new($"Host={host};Port={port};Username=postgres;Password={password}",
                [at, on, ("USERNAME", "postgres"), with, ("URI", $"postgresql://postgres:{secret}@{host}:{port}")]),
            RabbitMQServerResource => new($"amqp://poc:{secret}@{host}:{port}",
                [at, on, ("USERNAME", "poc"), with, ("URI", $"amqp://poc:{secret}@{host}:{port}")]),
            RedisResource => new($"{host}:{port},password={password}",
                [at, on, with, ("URI", $"redis://:{secret}@{host}:{port}")]),
            _ => throw new DistributedApplicationException($"{resource.Name} has no connection string."),
        };
    }

    /// <summary>Waits until everything that a resource waits for is as it must be.</summary>
    /// <exception cref="DistributedApplicationException">Something it waits for ended, or failed; the resource cannot start.</exception>
    internal async Task WaitForDependenciesAsync(Resource resource, CancellationToken cancellation)
    {
        foreach (var rule in resource.Waits)
        {
            var change = await notifications.WaitForResourceAsync(rule.Dependency.Name, change => IsSettled(rule, change.Snapshot), cancellation);
            if (!IsMet(rule, change.Snapshot))
            {
                var code = change.Snapshot.ExitCode is { } exit ? $" with exit code {exit}" : "";
                throw new DistributedApplicationException($"'{rule.Dependency.Name}', for which it waits, ended as {change.Snapshot.State!.Text}{code}");
            }
        }
    }

    private static bool IsSettled(WaitRule rule, CustomResourceSnapshot snapshot) =>
        IsMet(rule, snapshot) || (snapshot.State is { } now && KnownResourceStates.TerminalStates.Contains(now.Text));

    private static bool IsMet(WaitRule rule, CustomResourceSnapshot snapshot) => rule.Kind is WaitKind.Completion
        ? snapshot.State?.Text == KnownResourceStates.Finished && snapshot.ExitCode == rule.ExitCode
        : snapshot.HealthStatus == HealthStatus.Healthy;

    private void CheckParameters()
    {
        var missing = resources.OfType<ParameterResource>().Where(parameter => configuration[$"Parameters:{parameter.Name}"] is null).ToList();
        if (missing.Count > 0)
        {
            throw new DistributedApplicationException(
                $"No value for {string.Join(" and ", missing.Select(parameter => $"the parameter '{parameter.Name}'"))}. Give it with --Parameters:{missing[0].Name} VALUE, " +
                $"the variable Parameters__{missing[0].Name}, or: dotnet user-secrets set Parameters:{missing[0].Name} VALUE --project Aspire.AppHost");
        }
    }

    private void Prepare(Resource resource, bool random)
    {
        foreach (var endpoint in resource.Endpoints)
        {
            endpoint.PublicPort = random || endpoint.Port is null ? LoopbackPorts.Take() : endpoint.Port.Value;
        }

        switch (resource)
        {
            case ServerResource server:
                var management = resource is RabbitMQServerResource ? PortOf(server.Name + "-management", random) : (int?)null;
                var password = configuration[$"Parameters:{server.Name}-password"] ?? state.Secret(server.Name + "-password");
                _servers[server] = (PortOf(server.Name, random), management, password);
                _runners[server] = new ServerRunner(this, server, StartServerAsync, [.. resources.OfType<PostgresDatabaseResource>().Where(database => database.Parent == server)]);
                break;
            case ProjectResource project:
                var runner = new ProjectRunner(this, project);
                _runners[project] = runner;
                _proxies.AddRange(project.Endpoints.Select(endpoint =>
                    TcpProxy.Listen(endpoint.PublicPort, () => runner.TargetPorts(endpoint), $"{project.Name}'s endpoint '{endpoint.Name}'")));
                break;
            default:
                break; // Parameters are values; databases belong to their server's runner.
        }
    }

    private int PortOf(string name, bool random) => random ? LoopbackPorts.Take() : state.Port(name);

    private async Task StartResourcesAsync()
    {
        try
        {
            string[] packages =
            [
                .. resources.OfType<PostgresServerResource>().Select(_ => "postgresql").Distinct(),
                .. resources.OfType<RabbitMQServerResource>().Select(_ => "rabbitmq-server").Distinct(),
            ];
            display.Watch(this, lifetime.ApplicationStopping);
            await Installer.EnsureAsync(packages, display.Line, lifetime.ApplicationStopping);
            if (!lifetime.ApplicationStopping.IsCancellationRequested)
            {
                foreach (var runner in _runners.Values)
                {
                    runner.Start();
                }
            }
        }
        catch (InvalidOperationException missing)
        {
            Fail(missing.Message);
        }
        catch (OperationCanceledException)
        {
            // Stopped while something was being installed.
        }
    }

    private async Task<LocalServer> StartServerAsync(ServerResource resource, CancellationToken cancellation)
    {
        var (port, management, password) = _servers[resource];
        var options = new ServerOptions(state.In(resource.Name), password)
        {
            Port = port,
            ManagementPort = management,
            LogFile = state.LogOf(resource.Name),
            Ledger = Ledger,
            Patience = TimeSpan.FromMinutes(2),
        };
        return resource switch
        {
            PostgresServerResource => await PostgresServer.StartAsync(options, cancellation),
            RabbitMQServerResource => await RabbitMqServer.StartAsync(options, cancellation),
            _ => await RedisServer.StartAsync(options, cancellation),
        };
    }

    private Task StopInOrderAsync(Resource resource)
    {
        lock (_stopped)
        {
            return _stopped.GetOrAdd(resource, _ => StopAfterDependentsAsync(resource));
        }
    }

    private async Task StopAfterDependentsAsync(Resource resource)
    {
        var dependents = _runners.Keys.Where(other => other.Waits.Exists(rule => rule.Dependency == resource)).ToList();
        await Task.WhenAll(dependents.Select(StopInOrderAsync));
        await _runners[resource].StopAsync();
    }
}
