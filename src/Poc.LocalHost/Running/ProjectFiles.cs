using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Aspire.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Poc.LocalHost.Running;

/// <summary>Where the build put a project's program; written beside the project's metadata by <c>eng/LocalHost.targets</c>.</summary>
/// <param name="path">The program's assembly.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ProgramPathAttribute(string path) : Attribute
{
    /// <summary>The program's assembly.</summary>
    public string Path { get; } = path;
}

/// <summary>What a project's own files say about how it is run.</summary>
/// <param name="Folder">The project's folder, in which it runs.</param>
/// <param name="Program">Its assembly.</param>
/// <param name="Endpoints">Where it listens, by its settings or its launch profile.</param>
/// <param name="HasKestrelEndpoints">Whether the endpoints come from <c>Kestrel:Endpoints</c> in its settings, which then decide alone.</param>
/// <param name="LaunchEnvironment">The variables of its launch profile.</param>
internal sealed record ProjectFiles(string Folder, string Program, IReadOnlyList<ProjectFiles.Endpoint> Endpoints, bool HasKestrelEndpoints, IReadOnlyDictionary<string, string> LaunchEnvironment)
{
    internal sealed record Endpoint(string Name, string Scheme, int? Port);

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    internal static ProjectFiles Read(IProjectMetadata project)
    {
        var folder = Path.GetDirectoryName(project.ProjectPath)!;
        var program = project.GetType().GetCustomAttribute<ProgramPathAttribute>()?.Path
            ?? throw new DistributedApplicationException($"{project.ProjectPath}: the build did not say where its program is.");
        var environment = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? "Development";
        var settings = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(folder, "appsettings.json"), optional: true)
            .AddJsonFile(Path.Combine(folder, $"appsettings.{environment}.json"), optional: true)
            .Build();
        var profile = LaunchProfile(Path.Combine(folder, "Properties", "launchSettings.json"));
        var kestrel = KestrelEndpoints(settings.GetSection("Kestrel:Endpoints")).ToList();
        return new(folder, program, kestrel.Count > 0 ? kestrel : [.. ProfileEndpoints(profile)], kestrel.Count > 0, ProfileEnvironment(profile));
    }

    private static IEnumerable<Endpoint> KestrelEndpoints(IConfigurationSection section) =>
        from endpoint in section.GetChildren()
        where endpoint["Url"] is not null
        let address = BindingAddress.Parse(endpoint["Url"]!)
        group (endpoint.Key, address) by address.Scheme into sameScheme
        from entry in sameScheme
        select new Endpoint(sameScheme.Count() == 1 ? sameScheme.Key : entry.Key, sameScheme.Key, Fixed(entry.address.Port));

    private static IEnumerable<Endpoint> ProfileEndpoints(JsonElement? profile)
    {
        if (profile is not { } found || !found.TryGetProperty("applicationUrl", out var urls))
        {
            yield break;
        }

        var counts = new Dictionary<string, int>();
        foreach (var address in (urls.GetString() ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(BindingAddress.Parse))
        {
            var count = counts[address.Scheme] = counts.GetValueOrDefault(address.Scheme) + 1;
            yield return new(count == 1 ? address.Scheme : address.Scheme + count.ToString(CultureInfo.InvariantCulture), address.Scheme, Fixed(address.Port));
        }
    }

    private static Dictionary<string, string> ProfileEnvironment(JsonElement? profile) =>
        profile is { } found && found.TryGetProperty("environmentVariables", out var variables)
            ? variables.EnumerateObject().ToDictionary(variable => variable.Name, variable => variable.Value.GetString() ?? "")
            : [];

    private static JsonElement? LaunchProfile(string file)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        using var document = JsonDocument.Parse(File.ReadAllText(file), Lenient);
        return document.RootElement.TryGetProperty("profiles", out var profiles)
            ? profiles.EnumerateObject().Where(profile => profile.Value.TryGetProperty("commandName", out var command) && command.GetString() == "Project")
                .Select(profile => (JsonElement?)profile.Value.Clone()).FirstOrDefault()
            : null;
    }

    private static int? Fixed(int port) => port == 0 ? null : port;
}
