using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Poc.LocalHost.Running;

namespace Aspire.Hosting;

/// <summary>What <c>AppHost.cs</c> says about a resource: its environment, endpoints, references and what it waits for.</summary>
public static class ResourceBuilderExtensions
{
    /// <summary>Sets an environment variable.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, string? value) where T : IResourceWithEnvironment =>
        builder.Change(resource => resource.Environment.Add(values => values[name] = value ?? ""));

    /// <summary>Sets an environment variable to a parameter's value.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, IResourceBuilder<ParameterResource> parameter) where T : IResourceWithEnvironment =>
        builder.Change(resource => resource.Environment.Add(values => values[name] = values.ValueOf(parameter.Resource)));

    /// <summary>Sets an environment variable to an endpoint's public address.</summary>
    public static IResourceBuilder<T> WithEnvironment<T>(this IResourceBuilder<T> builder, string name, EndpointReference endpointReference) where T : IResourceWithEnvironment =>
        builder.Change(resource => resource.Environment.Add(values => values[name] = endpointReference.Endpoint.PublicUrl));

    /// <summary>
    /// Gives a resource what it needs to reach a server or database: <c>ConnectionStrings__{name}</c> and <c>{NAME}_HOST</c>, <c>_PORT</c>, <c>_URI</c> and so on.
    /// </summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null, bool optional = false) where TDestination : IResourceWithEnvironment =>
        builder.Change(resource => resource.Environment.Add(values =>
        {
            var name = connectionName ?? source.Resource.Name;
            var connection = values.ConnectionOf((Resource)source.Resource);
            values[$"ConnectionStrings__{name}"] = connection.ConnectionString;
            foreach (var (property, value) in connection.Properties)
            {
                values[$"{EnvironmentValues.Encode(name).ToUpperInvariant()}_{property}"] = value;
            }
        }));

    /// <summary>Gives a resource the addresses of a service: <c>services__{name}__{endpoint}__0</c> and <c>{NAME}_{ENDPOINT}</c>.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment =>
        builder.Change(resource => resource.Environment.Add(values =>
        {
            var service = (Resource)(IResource)source.Resource;
            foreach (var endpoint in service.Endpoints)
            {
                values[$"services__{service.Name}__{endpoint.Name}__0"] = endpoint.PublicUrl;
                values[$"{EnvironmentValues.Encode(service.Name)}_{EnvironmentValues.Encode(endpoint.Name)}".ToUpperInvariant()] = endpoint.PublicUrl;
            }
        }));

    /// <summary>Adds an endpoint: a public port, behind it a free port per replica, which the process finds in the variable <paramref name="env"/>.</summary>
    /// <exception cref="DistributedApplicationException">The resource has an endpoint of this name, or something is asked for that the stand-in has not.</exception>
    public static IResourceBuilder<T> WithEndpoint<T>(this IResourceBuilder<T> builder, int? port = null, int? targetPort = null, string? scheme = null, string? name = null,
        string? env = null, bool isProxied = true, bool? isExternal = null, ProtocolType? protocol = null) where T : IResourceWithEndpoints =>
        builder.Change(resource =>
        {
            if (targetPort is not null || !isProxied || protocol is not (null or ProtocolType.Tcp))
            {
                throw new DistributedApplicationException($"{resource.Name}: the stand-in knows proxied TCP endpoints without a fixed target port only.");
            }

            var endpoint = new EndpointAnnotation(name ?? scheme ?? "tcp", scheme ?? "tcp", port) { IsExternal = isExternal ?? false };
            if (resource.Endpoints.Exists(other => string.Equals(other.Name, endpoint.Name, StringComparison.OrdinalIgnoreCase)))
            {
                throw new DistributedApplicationException($"{resource.Name} has an endpoint '{endpoint.Name}' already.");
            }

            resource.Endpoints.Add(endpoint);
            if (env is not null)
            {
                resource.Environment.Add(values => values[env] = values.TargetPort(endpoint));
            }
        });

    /// <summary>Refers to an endpoint of a resource.</summary>
    public static EndpointReference GetEndpoint<T>(this IResourceBuilder<T> builder, string name) where T : IResourceWithEndpoints =>
        new((Resource)(IResource)builder.Resource, name);

    /// <summary>Marks the HTTP endpoints as meant for callers from outside. The stand-in listens on the loopback interface all the same.</summary>
    public static IResourceBuilder<T> WithExternalHttpEndpoints<T>(this IResourceBuilder<T> builder) where T : IResourceWithEndpoints =>
        builder.Change(resource => resource.Endpoints.Where(endpoint => endpoint.IsHttp).ToList().ForEach(endpoint => endpoint.IsExternal = true));

    /// <summary>Counts a resource as healthy while an address of it answers 200. It is asked by HTTP/1.1, so an endpoint that speaks HTTP/2 only never is.</summary>
    /// <exception cref="DistributedApplicationException">There is no such endpoint, or another status is asked for.</exception>
    public static IResourceBuilder<T> WithHttpHealthCheck<T>(this IResourceBuilder<T> builder, string? path = null, int? statusCode = null, string? endpointName = null)
        where T : IResourceWithEndpoints =>
        builder.Change(resource =>
        {
            if (statusCode is not (null or 200) || resource is not ProjectResource project)
            {
                throw new DistributedApplicationException($"{resource.Name}: the stand-in knows health checks of projects that answer 200 only.");
            }

            _ = endpointName is null ? null : resource.EndpointNamed(endpointName);
            project.HealthCheck = new(path ?? "/", endpointName);
        });

    /// <summary>Starts a resource only when another runs, is healthy and has done what it does when ready; and its parent likewise.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency) where T : IResourceWithWaitSupport =>
        builder.Change(resource =>
        {
            resource.Waits.Add(new(WaitKind.Healthy, (Resource)dependency.Resource));
            if (dependency.Resource is IResourceWithParent { Parent: Resource parent })
            {
                resource.Waits.Add(new(WaitKind.Healthy, parent));
            }
        });

    /// <summary>Starts a resource only when another has run to its end with an exit code; any other end fails it.</summary>
    public static IResourceBuilder<T> WaitForCompletion<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0) where T : IResourceWithWaitSupport =>
        builder.Change(resource => resource.Waits.Add(new(WaitKind.Completion, (Resource)dependency.Resource, exitCode)));

    internal static IResourceBuilder<T> Change<T>(this IResourceBuilder<T> builder, Action<Resource> change) where T : IResource
    {
        change((Resource)(IResource)builder.Resource);
        return builder;
    }
}

/// <summary>Adds projects.</summary>
public static class ProjectResourceBuilderExtensions
{
    /// <summary>
    /// Adds a project. Its endpoints are those of <c>Kestrel:Endpoints</c> in its settings or, where there are none, of its launch profile. As in
    /// Aspire, the only Kestrel endpoint of a scheme is named after the scheme, whatever the settings call it.
    /// </summary>
    public static IResourceBuilder<ProjectResource> AddProject<TProject>(this IDistributedApplicationBuilder builder, string name) where TProject : IProjectMetadata, new()
    {
        var project = new ProjectResource(name, new TProject());
        project.Endpoints.AddRange(project.Files.Endpoints.Select(endpoint => new EndpointAnnotation(endpoint.Name, endpoint.Scheme, endpoint.Port)));
        return builder.AddResource(project);
    }

    /// <summary>Runs a project as several processes behind the same public ports; connections are dealt out in turn.</summary>
    public static IResourceBuilder<ProjectResource> WithReplicas(this IResourceBuilder<ProjectResource> builder, int replicas)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        builder.Resource.Replicas = replicas;
        return builder;
    }

    /// <summary>Chooses the endpoints that the project's own web server listens on. Without it the server is told to listen on every endpoint of the project.</summary>
    public static IResourceBuilder<ProjectResource> WithEndpointsInEnvironment(this IResourceBuilder<ProjectResource> builder, Func<EndpointAnnotation, bool> filter)
    {
        builder.Resource.EndpointsInEnvironment = filter;
        return builder;
    }
}

/// <summary>Adds parameters.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter: its value is <c>Parameters:{name}</c> of the configuration, and its absence an error when the application starts.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddResource(new ParameterResource(name, secret));
}

/// <summary>Adds PostgreSQL.</summary>
public static class PostgresBuilderExtensions
{
    /// <summary>Adds a PostgreSQL server, run from the machine's own installation.</summary>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(this IDistributedApplicationBuilder builder, string name) => builder.AddResource(new PostgresServerResource(name));

    /// <summary>Adds a database to a server.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null) =>
        builder.ApplicationBuilder.AddResource(new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource));

    /// <summary>Keeps the data from one start to the next. The stand-in always does, in the state folder.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) => builder;
}

/// <summary>Adds a server of the Redis protocol.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>Adds a Redis server; the stand-in runs Microsoft.Garnet.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name) => builder.AddResource(new RedisResource(name));

    /// <summary>Keeps the data from one start to the next. The stand-in always does, in the state folder.</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false) => builder;
}

/// <summary>Adds RabbitMQ.</summary>
public static class RabbitMQBuilderExtensions
{
    /// <summary>Adds a RabbitMQ server, run from the machine's own installation.</summary>
    public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(this IDistributedApplicationBuilder builder, string name) => builder.AddResource(new RabbitMQServerResource(name));

    /// <summary>Serves the management pages. The stand-in always does.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithManagementPlugin(this IResourceBuilder<RabbitMQServerResource> builder) => builder;

    /// <summary>Keeps the data from one start to the next. The stand-in always does, in the state folder.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(this IResourceBuilder<RabbitMQServerResource> builder, string? name = null, bool isReadOnly = false) => builder;
}
