namespace Poc.Verify.Bags;

/// <summary>Paths as manifests and fetch.txt write them.</summary>
internal static class BagPath
{
    public const string Payload = "data/";

    public static bool IsPayload(string path) => path.StartsWith(Payload, StringComparison.Ordinal);

    /// <summary>The path without its percent-encoding (RFC 8493, 2.1.3); null when it could lead out of the bag.</summary>
    public static string? Read(string written, BagDeclaration declaration)
    {
        var path = written.StartsWith("./", StringComparison.Ordinal) ? written[2..] : written;
        path = path.Replace("%0A", "\n", StringComparison.OrdinalIgnoreCase).Replace("%0D", "\r", StringComparison.OrdinalIgnoreCase);
        if (declaration.IsFinal)
        {
            // Last: what it gives is not an encoding again.
            path = path.Replace("%25", "%", StringComparison.Ordinal);
        }

        return IsSafe(path) ? path : null;
    }

    // Backslashes and drive letters mean folders elsewhere; a bag that is safe here only is not safe.
    private static bool IsSafe(string path)
        => path.Length > 0 && path[0] is not ('/' or '~' or '\\') && !path.Contains('\0', StringComparison.Ordinal) && !(path.Length > 1 && path[1] == ':')
            && path.Split('/', '\\').All(part => part is not ("" or "." or ".."));
}
