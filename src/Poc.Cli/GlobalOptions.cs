using System.CommandLine;

namespace Poc.Cli;

/// <summary>Options every command has: where the services are, who calls, and how to answer.</summary>
internal static class GlobalOptions
{
    public static readonly Option<bool> Json = new("--json") { Description = "Answer in JSON instead of text.", Recursive = true };
    public static readonly Option<string> Intake = Address("intake", "http://localhost:5101");
    public static readonly Option<string> Archive = Address("archive", "http://localhost:5111");
    public static readonly Option<string> Review = Address("review", "http://localhost:5121");

    public static readonly Option<string?> Token = new("--token")
    {
        Description = "Bearer token of a staff member (or POC_TOKEN). Without it, a development token is minted from the key of this checkout.",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("POC_TOKEN"),
    };

    public static readonly Option<string> As = new("--as")
    {
        Description = "Staff id for a development token that is minted on the way.",
        Recursive = true,
        DefaultValueFactory = _ => "developer",
    };

    public static readonly Option<string?> Keys = new("--keys")
    {
        Description = "Folder with the development keys (or POC_KEYS). Without it, .poc/keys of the nearest folder above that has one.",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("POC_KEYS"),
    };

    public static void AddTo(Command root)
    {
        foreach (var option in (Option[])[Json, Intake, Archive, Review, Token, As, Keys])
        {
            root.Options.Add(option);
        }
    }

    private static Option<string> Address(string service, string @default) => new($"--{service}")
    {
        Description = $"Address of {service}'s gRPC endpoint (or POC_{service.ToUpperInvariant()}).",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable($"POC_{service.ToUpperInvariant()}") ?? @default,
    };
}
