using System.CommandLine;

namespace Poc.Cli.Commands;

/// <summary>The credential of commands that a partner gives.</summary>
internal static class PartnerKey
{
    public static readonly Option<string?> Option = new("--api-key")
    {
        Description = "API key of the partner (or POC_API_KEY).",
        Recursive = true,
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("POC_API_KEY"),
    };

    /// <exception cref="UsageException">Nobody said who calls.</exception>
    public static string Read(ParseResult parsed) =>
        parsed.GetValue(Option) ?? throw new UsageException("give the partner's key by --api-key or POC_API_KEY (poc partner key makes one).");
}
