using System.Globalization;
using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One address on which a resource listens: a stable public port in front of a port per replica.</summary>
public sealed class EndpointAnnotation
{
    internal EndpointAnnotation(string name, string scheme, int? port) => (Name, UriScheme, Port) = (name, scheme, port);

    /// <summary>The endpoint's name, unique in its resource.</summary>
    public string Name { get; }

    /// <summary>The scheme of its address, as <c>http</c> or <c>tcp</c>.</summary>
    public string UriScheme { get; }

    /// <summary>The public port asked for; any free one when <see langword="null"/>.</summary>
    public int? Port { get; }

    /// <summary>The transport below the scheme.</summary>
    public ProtocolType Protocol { get; } = ProtocolType.Tcp;

    /// <summary>Whether it is meant for callers from outside.</summary>
    public bool IsExternal { get; internal set; }

    internal bool IsHttp => UriScheme is "http" or "https";

    internal int PublicPort { get; set; }

    internal string PublicUrl => string.Create(CultureInfo.InvariantCulture, $"{UriScheme}://localhost:{PublicPort}");
}

/// <summary>Refers to an endpoint whose address is known only when the application runs.</summary>
public sealed class EndpointReference
{
    private readonly Resource _resource;

    internal EndpointReference(Resource resource, string name) => (_resource, EndpointName) = (resource, name);

    /// <summary>The endpoint's name.</summary>
    public string EndpointName { get; }

    internal EndpointAnnotation Endpoint => _resource.EndpointNamed(EndpointName);
}
