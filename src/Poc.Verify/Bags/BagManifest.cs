using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Poc.Verify.Bags;

/// <summary>A payload or tag manifest (RFC 8493, 2.1.3 and 2.2.1): the digest of each file that it lists.</summary>
/// <param name="File">Its own path.</param>
/// <param name="IsTag">Whether it lists tag files rather than payload.</param>
/// <param name="Algorithm">By which digests are made.</param>
/// <param name="Digests">By path.</param>
internal sealed partial record BagManifest(string File, bool IsTag, HashAlgorithmName Algorithm, IReadOnlyDictionary<string, byte[]> Digests)
{
    /// <summary>Whether a file of the bag's root is a manifest, and of what kind.</summary>
    public static (bool IsTag, string Algorithm)? Kind(string path)
        => Name().Match(path) is { Success: true } match ? (match.Groups["tag"].Success, match.Groups["algorithm"].Value) : null;

    public static BagManifest Parse(string file, bool isTag, string algorithm, IEnumerable<string> lines, BagDeclaration declaration, Report report)
    {
        var name = algorithm switch
        {
            "md5" => HashAlgorithmName.MD5,
            "sha1" => HashAlgorithmName.SHA1,
            "sha256" => HashAlgorithmName.SHA256,
            "sha384" => HashAlgorithmName.SHA384,
            "sha512" => HashAlgorithmName.SHA512,
            _ => throw new RefusedException(Reason.AlgorithmUnknown, file, $"nothing is known of {algorithm}"),
        };
        using var hash = IncrementalHash.CreateHash(name);
        var digests = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var line in lines.Where(line => line.Length > 0))
        {
            var match = Line().Match(line);
            if (!match.Success || match.Groups["digest"].Length != 2 * hash.HashLengthInBytes)
            {
                report.Fail(Reason.Malformed, file, $"a line is a digest of {2 * hash.HashLengthInBytes} hexadecimal digits and a path");
                continue;
            }

            var path = BagPath.Read(match.Groups["path"].Value, declaration);
            if (path is null || BagPath.IsPayload(path) == isTag)
            {
                report.Fail(Reason.PathUnsafe, file, $"{match.Groups["path"].Value} is not a path of {(isTag ? "a tag file" : "the payload")} within the bag");
            }
            else if (!digests.TryAdd(path, Convert.FromHexString(match.Groups["digest"].Value)))
            {
                report.Fail(Reason.ManifestInconsistent, file, $"{path} is listed twice");
            }
        }

        if (isTag && digests.Count == 0)
        {
            // Every bag has tag files: one that lists none was emptied.
            report.Fail(Reason.Malformed, file, "it lists nothing");
        }

        return new BagManifest(file, isTag, name, digests);
    }

    [GeneratedRegex(@"\A(?<tag>tag)?manifest-(?<algorithm>[a-z0-9-]+)\.txt\z", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Name();

    // Checksum programs mark binary files by an asterisk.
    [GeneratedRegex(@"\A(?<digest>[0-9A-Fa-f]+)[ \t]+\*?(?<path>[^ \t].*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Line();
}
