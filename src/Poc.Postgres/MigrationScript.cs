using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Poc.Postgres;

/// <summary>One step of a schema. Once applied anywhere it never changes; a correction is another script.</summary>
/// <param name="Name">File name, for example <c>0001_requests.sql</c>; scripts are applied in the ordinal order of their names.</param>
/// <param name="Sql">Run as one transaction; must not contain COMMIT.</param>
public sealed record MigrationScript(string Name, string Sql)
{
    /// <summary>SHA-256, lower-case hex, of the text with line ends as LF: a checkout on another system does not change a script.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>The embedded resources whose logical name begins with <paramref name="prefix"/> and ends in <c>.sql</c>, in order; the rest of the name is the script's.</summary>
    public static IReadOnlyList<MigrationScript> FromResources(Assembly assembly, string prefix) =>
    [
        .. assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal) && resource.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(resource => new MigrationScript(resource[prefix.Length..], Read(assembly, resource))),
    ];

    private static string Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
