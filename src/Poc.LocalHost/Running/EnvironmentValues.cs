using System.Globalization;
using Aspire.Hosting.ApplicationModel;

namespace Poc.LocalHost.Running;

/// <summary>How clients reach a server or database.</summary>
/// <param name="ConnectionString">In the notation of its usual client.</param>
/// <param name="Properties">The same in parts, by the last part of the variable's name: <c>HOST</c>, <c>PORT</c>, <c>URI</c> and so on.</param>
internal sealed record Connection(string ConnectionString, IReadOnlyList<(string Name, string Value)> Properties);

/// <summary>The environment of one process in the making.</summary>
internal sealed class EnvironmentValues(Stack stack, IReadOnlyDictionary<EndpointAnnotation, int> targetPorts)
{
    private readonly Dictionary<string, string?> _values = [];

    /// <summary>The variables set so far; <see langword="null"/> takes one away from what is inherited.</summary>
    public IReadOnlyDictionary<string, string?> Values => _values;

    public string? this[string name]
    {
        set => _values[name] = value;
    }

    public void SetUnlessSet(string name, string value) => _values.TryAdd(name, value);

    public string ValueOf(ParameterResource parameter) => stack.Parameter(parameter);

    public Connection ConnectionOf(Resource resource) => stack.ConnectionOf(resource);

    public string TargetPort(EndpointAnnotation endpoint) => targetPorts[endpoint].ToString(CultureInfo.InvariantCulture);

    /// <summary>A name as a part of a variable's name: anything but letters and digits becomes an underscore, and a leading digit gets one before it.</summary>
    public static string Encode(string name) =>
        (char.IsAsciiDigit(name[0]) ? "_" : "") + string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
}
