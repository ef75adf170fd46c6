namespace Poc.Intake.Requesters;

/// <summary><c>sealingKeys/{sealing_key}</c>.</summary>
internal static class SealingKeyName
{
    public const string Pattern = "sealingKeys/{sealing_key}";

    private const string Prefix = "sealingKeys/";

    public static string Of(string id) => $"{Prefix}{id}";

    /// <summary>The key's id in a name; empty where it is none.</summary>
    public static string Read(string name) => name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : "";
}
