using System.Text.RegularExpressions;
using Poc.LocalHost.Running;

// The types below stand where Aspire has them, under its names and with its constraints, so that AppHost.cs compiles against either.
namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something that the application consists of.</summary>
public interface IResource
{
    /// <summary>Its name: 1 to 64 ASCII letters, digits and hyphens, beginning with a letter, without a double or trailing hyphen.</summary>
    string Name { get; }
}

/// <summary>A resource whose process gets environment variables.</summary>
public interface IResourceWithEnvironment : IResource;

/// <summary>A resource that listens on ports.</summary>
public interface IResourceWithEndpoints : IResource;

/// <summary>A resource that can wait for others before it starts.</summary>
public interface IResourceWithWaitSupport : IResource;

/// <summary>A resource that belongs to another.</summary>
public interface IResourceWithParent : IResource
{
    /// <summary>The other.</summary>
    IResource Parent { get; }
}

/// <summary>A resource that belongs to another of a known kind.</summary>
public interface IResourceWithParent<out T> : IResourceWithParent where T : IResource
{
    /// <summary>The other.</summary>
    new T Parent { get; }

    IResource IResourceWithParent.Parent => Parent;
}

/// <summary>A resource that clients reach with a connection string.</summary>
public interface IResourceWithConnectionString : IResource;

/// <summary>Configures a resource that was added to the application.</summary>
public interface IResourceBuilder<out T> where T : IResource
{
    /// <summary>The resource.</summary>
    T Resource { get; }

    /// <summary>The application that it was added to.</summary>
    IDistributedApplicationBuilder ApplicationBuilder { get; }
}

/// <summary>What every resource carries: how it is started is decided by <c>AppHost.cs</c>, when by <see cref="Stack"/>.</summary>
public abstract partial class Resource : IResource
{
    private protected Resource(string name)
    {
        if (!ValidName().IsMatch(name) || name.Length > 64)
        {
            throw new ArgumentException($"'{name}' is no resource name: 1 to 64 ASCII letters, digits and hyphens, beginning with a letter, without a double or trailing hyphen.", nameof(name));
        }

        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    internal List<Action<EnvironmentValues>> Environment { get; } = [];

    internal List<WaitRule> Waits { get; } = [];

    internal List<EndpointAnnotation> Endpoints { get; } = [];

    internal EndpointAnnotation EndpointNamed(string name) => Endpoints.Find(endpoint => string.Equals(endpoint.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new DistributedApplicationException($"{Name} has no endpoint '{name}'{(Endpoints.Count == 0 ? "." : $"; it has {string.Join(", ", Endpoints.Select(endpoint => endpoint.Name))}.")}");

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$")]
    private static partial Regex ValidName();
}

internal enum WaitKind { Healthy, Completion }

internal sealed record WaitRule(WaitKind Kind, Resource Dependency, int ExitCode = 0);

internal sealed record HttpHealthCheck(string Path, string? EndpointName);

/// <summary>A value from configuration, <c>Parameters:{name}</c>.</summary>
public sealed class ParameterResource : Resource
{
    internal ParameterResource(string name, bool secret) : base(name) => Secret = secret;

    /// <summary>Whether the value must not be shown.</summary>
    public bool Secret { get; }
}

/// <summary>A project of this solution, run as one process or several.</summary>
public sealed class ProjectResource : Resource, IResourceWithEnvironment, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    internal ProjectResource(string name, IProjectMetadata project) : base(name) => Files = ProjectFiles.Read(project);

    internal ProjectFiles Files { get; }

    internal int Replicas { get; set; } = 1;

    internal HttpHealthCheck? HealthCheck { get; set; }

    internal Func<EndpointAnnotation, bool> EndpointsInEnvironment { get; set; } = _ => true;

    /// <summary>A project that listens somewhere is a service and comes back after a crash; one that does not runs once.</summary>
    internal bool IsService => Endpoints.Count > 0;
}

/// <summary>A server of the machine.</summary>
public abstract class ServerResource : Resource, IResourceWithConnectionString, IResourceWithEnvironment, IResourceWithEndpoints, IResourceWithWaitSupport
{
    private protected ServerResource(string name) : base(name)
    {
    }
}

/// <summary>A PostgreSQL server.</summary>
public sealed class PostgresServerResource : ServerResource
{
    internal PostgresServerResource(string name) : base(name)
    {
    }
}

/// <summary>A database of a PostgreSQL server; created when the server is ready.</summary>
public sealed class PostgresDatabaseResource : Resource, IResourceWithParent<PostgresServerResource>, IResourceWithConnectionString
{
    internal PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent) : base(name) => (DatabaseName, Parent) = (databaseName, parent);

    /// <summary>What the database is called in the server.</summary>
    public string DatabaseName { get; }

    /// <summary>The server.</summary>
    public PostgresServerResource Parent { get; }
}

/// <summary>A server of the Redis protocol.</summary>
public sealed class RedisResource : ServerResource
{
    internal RedisResource(string name) : base(name)
    {
    }
}

/// <summary>A RabbitMQ server.</summary>
public sealed class RabbitMQServerResource : ServerResource
{
    internal RabbitMQServerResource(string name) : base(name)
    {
    }
}
