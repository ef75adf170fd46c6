using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Poc.Verify.Bags;

/// <summary>
/// <c>poc-verify bag</c>: that a folder is a complete and valid bag (RFC 8493, section 3). Every file is read once for all manifests that list it. Nothing is
/// fetched: what fetch.txt still promises is missing.
/// </summary>
internal sealed partial class VerifyBag
{
    private const string FetchFile = "fetch.txt";
    private const string OxumLabel = "Payload-Oxum";
    private const int MaxTagFile = 256 * 1024 * 1024;
    private const int ProgressEvery = 10_000;

    private readonly BagFolder _bag;
    private readonly BagDeclaration _declaration;
    private readonly Report _report;

    private VerifyBag(BagFolder bag, BagDeclaration declaration, Report report)
    {
        _bag = bag;
        _declaration = declaration;
        _report = report;
    }

    public static Task RunAsync(string folder, Report report, TextWriter progress, CancellationToken cancellation)
        => RunAsync(BagFolder.Open(folder, report), report, progress, cancellation);

    /// <summary>The same; gives the manifests, whose digests are those of the files unless the report says otherwise.</summary>
    public static async Task<IReadOnlyList<BagManifest>> RunAsync(BagFolder bag, Report report, TextWriter progress, CancellationToken cancellation)
        => await new VerifyBag(bag, await BagDeclaration.ReadAsync(bag, cancellation), report).RunAsync(progress, cancellation);

    private async Task<IReadOnlyList<BagManifest>> RunAsync(TextWriter progress, CancellationToken cancellation)
    {
        var manifests = new List<BagManifest>();
        foreach (var file in _bag.Files.Keys.Order(StringComparer.Ordinal))
        {
            if (BagManifest.Kind(file) is var (isTag, algorithm))
            {
                manifests.Add(BagManifest.Parse(file, isTag, algorithm.ToLowerInvariant(), await LinesAsync(file, cancellation), _declaration, _report));
            }
        }

        var payloadManifests = manifests.Where(manifest => !manifest.IsTag).ToList();
        if (payloadManifests.Count == 0)
        {
            throw new RefusedException(Reason.FileMissing, "manifest-<algorithm>.txt", "a bag has a payload manifest");
        }

        var payload = _bag.Files.Where(file => BagPath.IsPayload(file.Key)).ToDictionary(StringComparer.Ordinal);
        RequireListed(payload.Keys, payloadManifests);
        RequireTagManifests(manifests, payloadManifests);
        await CheckFetchAsync(payloadManifests, cancellation);
        await CheckOxumAsync(payload, cancellation);
        await CheckDigestsAsync(manifests, progress, cancellation);
        _report.Checked($"BagIt {_declaration.Version}: {payload.Count} payload files of {payload.Values.Sum()} bytes by {string.Join(", ", manifests.Select(manifest => manifest.File))}");
        return manifests;
    }

    /// <summary>Every payload file is in every manifest; in the drafts it was enough to be in one.</summary>
    private void RequireListed(IEnumerable<string> present, List<BagManifest> manifests)
    {
        foreach (var path in present)
        {
            var listing = manifests.Count(manifest => manifest.Digests.ContainsKey(path));
            if (listing == 0)
            {
                _report.Fail(Reason.FileUnexpected, path, "no manifest lists it");
            }
            else if (_declaration.IsFinal && listing < manifests.Count)
            {
                _report.Fail(Reason.ManifestInconsistent, path, "not every payload manifest lists it");
            }
        }
    }

    /// <summary>A tag manifest lists every payload manifest, and no tag manifest (RFC 8493, 2.2.1); the drafts only advised so.</summary>
    private void RequireTagManifests(List<BagManifest> manifests, List<BagManifest> payloadManifests)
    {
        foreach (var manifest in manifests.Where(manifest => manifest.IsTag && _declaration.IsFinal))
        {
            foreach (var left in payloadManifests.Where(listed => !manifest.Digests.ContainsKey(listed.File)))
            {
                _report.Fail(Reason.ManifestInconsistent, manifest.File, $"it does not list {left.File}");
            }

            foreach (var listed in manifest.Digests.Keys.Where(path => BagManifest.Kind(path) is (true, _)))
            {
                _report.Fail(Reason.ManifestInconsistent, manifest.File, $"it lists a tag manifest, {listed}");
            }
        }
    }

    private async Task CheckFetchAsync(List<BagManifest> manifests, CancellationToken cancellation)
    {
        if (!_bag.Files.ContainsKey(FetchFile))
        {
            return;
        }

        foreach (var line in (await LinesAsync(FetchFile, cancellation)).Where(line => line.Length > 0))
        {
            var match = Fetch().Match(line);
            if (!match.Success)
            {
                _report.Fail(Reason.Malformed, FetchFile, "a line is a URL, a length or a dash, and a path");
            }
            else if (BagPath.Read(match.Groups["path"].Value, _declaration) is not { } path || !BagPath.IsPayload(path))
            {
                _report.Fail(Reason.PathUnsafe, FetchFile, $"{match.Groups["path"].Value} is not a path of the payload within the bag");
            }
            else if (manifests.Count(manifest => manifest.Digests.ContainsKey(path)) is var listing && (listing == 0 || (_declaration.IsFinal && listing < manifests.Count)))
            {
                _report.Fail(Reason.ManifestInconsistent, FetchFile, $"{(listing == 0 ? "no" : "not every")} manifest lists {path}");
            }
        }
    }

    private async Task CheckOxumAsync(Dictionary<string, long> payload, CancellationToken cancellation)
    {
        var file = _bag.Files.ContainsKey("bag-info.txt") ? "bag-info.txt" : "package-info.txt";
        if (!_bag.Files.ContainsKey(file))
        {
            return;
        }

        var stated = new List<string>();
        var isFirst = true;
        foreach (var line in (await LinesAsync(file, cancellation)).Where(line => line.Length > 0))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line[0] is ' ' or '\t' ? isFirst : colon < 1)
            {
                _report.Fail(Reason.Malformed, file, "a line is a label, a colon and a value, or goes on with the one before");
            }
            else if (line[0] is not (' ' or '\t') && line[..colon].Trim().Equals(OxumLabel, StringComparison.OrdinalIgnoreCase))
            {
                stated.Add(line[(colon + 1)..].Trim());
            }

            isFirst = false;
        }

        var actual = string.Create(CultureInfo.InvariantCulture, $"{payload.Values.Sum()}.{payload.Count}");
        if (stated.Count > 1 && _declaration.IsFinal)
        {
            _report.Fail(Reason.Malformed, file, $"{OxumLabel} is given more than once");
        }

        foreach (var oxum in stated.Where(oxum => oxum != actual))
        {
            _report.Fail(Reason.OxumMismatch, file, $"{OxumLabel} is {oxum}, the payload {actual}");
        }
    }

    private async Task CheckDigestsAsync(List<BagManifest> manifests, TextWriter progress, CancellationToken cancellation)
    {
        var listed = manifests.SelectMany(manifest => manifest.Digests.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        for (var i = 0; i < listed.Count; i++)
        {
            var path = listed[i];
            var listing = manifests.Where(manifest => manifest.Digests.ContainsKey(path)).ToList();
            if (!_bag.Files.ContainsKey(path))
            {
                _report.Fail(Reason.FileMissing, path, $"{listing[0].File} lists it");
                continue;
            }

            var digests = await DigestsAsync(path, [.. listing.Select(manifest => manifest.Algorithm).Distinct()], cancellation);
            foreach (var manifest in listing.Where(manifest => !manifest.Digests[path].AsSpan().SequenceEqual(digests[manifest.Algorithm])))
            {
                _report.Fail(Reason.DigestMismatch, path, $"it is not what {manifest.File} lists");
            }

            if ((i + 1) % ProgressEvery == 0)
            {
                await progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{i + 1} of {listed.Count} files"));
            }
        }
    }

    private async Task<Dictionary<HashAlgorithmName, byte[]>> DigestsAsync(string path, IReadOnlyList<HashAlgorithmName> algorithms, CancellationToken cancellation)
    {
        await using var stream = _bag.Read(path);
        var hashes = algorithms.Select(IncrementalHash.CreateHash).ToList();
        try
        {
            var buffer = new byte[1 << 16];
            while (await stream.ReadAsync(buffer, cancellation) is var read and > 0)
            {
                hashes.ForEach(hash => hash.AppendData(buffer, 0, read));
            }

            return hashes.ToDictionary(hash => hash.AlgorithmName, hash => hash.GetHashAndReset());
        }
        finally
        {
            hashes.ForEach(hash => hash.Dispose());
        }
    }

    private async Task<IReadOnlyList<string>> LinesAsync(string file, CancellationToken cancellation)
    {
        await using var stream = _bag.Read(file);
        var bytes = await Input.ReadAsync(stream, file, MaxTagFile, cancellation);
        try
        {
            // Of UTF-16 without a mark the first byte is the higher one (RFC 2781); a mark says otherwise.
            var encoding = _declaration.Encoding is UnicodeEncoding && bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE])
                ? new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true)
                : _declaration.Encoding;
            var text = encoding.GetString(bytes);
            return LineEnd().Split(encoding is UnicodeEncoding ? text.TrimStart('\uFEFF') : text);
        }
        catch (DecoderFallbackException)
        {
            throw new RefusedException(Reason.Malformed, file, $"it is not {_declaration.Encoding.WebName}");
        }
    }

    [GeneratedRegex(@"\r\n|\r|\n", RegexOptions.CultureInvariant)]
    private static partial Regex LineEnd();

    [GeneratedRegex(@"\A[^ \t]+[ \t]+(?:[0-9]+|-)[ \t]+(?<path>[^ \t].*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Fetch();
}
