using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Poc.Kernel.Exports;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.Verify.Bags;
using Poc.Verify.Proofs;
using Poc.Verify.Stamps;

namespace Poc.Verify.Exports;

/// <summary>The time-stamps of an export: each over a tree with which the export's tree begins, by an authority of the policy.</summary>
internal sealed class VerifyStamps(BagFolder bag, Report report, HashSet<string> accounted)
{
    private const int MaxSmall = 1_000_000;
    private readonly List<(long Size, string Authority)> _valid = [];
    private TrustPolicy? _policy;

    /// <summary>Checks every stamp that is there.</summary>
    public async Task<VerifyStamps> RunAsync(TrustPolicy policy, Checkpoint checkpoint, CancellationToken cancellation)
    {
        _policy = policy;
        var sizes = bag.Files.Keys.Where(path => path.StartsWith(ExportLayout.TimeStampFolder, StringComparison.Ordinal))
            .Select(path => long.TryParse(path[ExportLayout.TimeStampFolder.Length..].Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : -1)
            .Where(size => size >= 1).Distinct().Order();
        foreach (var size in sizes)
        {
            await CheckTreeAsync(size, checkpoint, cancellation);
        }

        if (_valid.Count == 0)
        {
            report.NotChecked("since when the entries exist: there is no time-stamp by an authority of the policy, only the archive's own clock");
        }

        return this;
    }

    /// <summary>That the policy's authorities have stamped a tree with every entry up to this one.</summary>
    public void Require(long newest)
    {
        var stamped = _valid.Where(stamp => stamp.Size > newest).Select(stamp => stamp.Authority).ToHashSet(StringComparer.Ordinal);
        var isEnough = _policy!.Stamps switch
        {
            StampRule.None => true,
            StampRule.Any => stamped.Count > 0,
            _ => _policy.Authorities.All(authority => stamped.Contains(authority.Name)),
        };
        if (!isEnough)
        {
            report.Fail(Reason.TimestampMissing, ExportLayout.TimeStampFolder, $"the policy asks for time-stamps over all {newest + 1} entries; {stamped.Count} of its authorities have given one");
        }
    }

    private async Task CheckTreeAsync(long size, Checkpoint checkpoint, CancellationToken cancellation)
    {
        var textPath = ExportLayout.StampedText(size);
        if (!bag.Files.ContainsKey(textPath))
        {
            throw new RefusedException(Reason.FileMissing, textPath, "it is what was stamped");
        }

        var text = await ReadAsync(textPath, cancellation);
        var tree = Parse(text, textPath);
        if (tree.Origin != checkpoint.Origin || tree.Size != size || !text.AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(tree.ToString())))
        {
            throw new RefusedException(Reason.NotCanonical, textPath, $"it is not the tree of {size} entries of {checkpoint.Origin}");
        }

        await RequireBeginningAsync(tree, checkpoint, cancellation);
        accounted.Add(textPath);
        var folder = textPath[..(textPath.LastIndexOf('/') + 1)];
        var tokens = bag.Files.Keys.Where(path => path.StartsWith(folder, StringComparison.Ordinal) && path.EndsWith(".tst", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        if (tokens.Count == 0)
        {
            throw new RefusedException(Reason.FileMissing, folder, "there is a stamped checkpoint and no token");
        }

        foreach (var path in tokens)
        {
            await CheckTokenAsync(path, path[folder.Length..^4], text, tree, cancellation);
        }
    }

    private async Task RequireBeginningAsync(Checkpoint tree, Checkpoint checkpoint, CancellationToken cancellation)
    {
        var proofPath = ExportLayout.StampedConsistency(tree.Size);
        if (tree.Size == checkpoint.Size)
        {
            if (!tree.RootHash.AsSpan().SequenceEqual(checkpoint.RootHash))
            {
                throw new RefusedException(Reason.RootMismatch, ExportLayout.StampedText(tree.Size), "another tree of that size was signed");
            }

            return;
        }

        if (!bag.Files.ContainsKey(proofPath))
        {
            throw new RefusedException(Reason.FileMissing, proofPath, "nothing shows that the signed tree begins with the one that was stamped");
        }

        var path = (await ProofFile.ReadAsync(bag.PathOf(proofPath), VerifyConsistency.Members, cancellation)).Hashes("proof");
        if (tree.Size > checkpoint.Size || !ProofVerifier.Consistency(tree.Size, checkpoint.Size, path, tree.RootHash, checkpoint.RootHash))
        {
            throw new RefusedException(Reason.RootMismatch, proofPath, "the signed tree does not begin with the one that was stamped");
        }

        if (!(await ReadAsync(proofPath, cancellation)).AsSpan().SequenceEqual(ExportLayout.Consistency(tree.Size, tree.RootHash, checkpoint.Size, checkpoint.RootHash, path)))
        {
            report.Fail(Reason.NotCanonical, proofPath, "it is not written as what it follows from says");
        }

        accounted.Add(proofPath);
    }

    private async Task CheckTokenAsync(string path, string name, byte[] text, Checkpoint tree, CancellationToken cancellation)
    {
        accounted.Add(path);
        if (_policy!.Authorities.FirstOrDefault(authority => authority.Name == name) is not { } authority)
        {
            report.NotChecked($"{path}: the policy does not name this authority");
            return;
        }

        using var trusted = Certificate(authority);
        var token = await ReadAsync(path, cancellation);
        var stamp = VerifyTimeStamp.Check(token, text, [trusted], [], path);
        if (!stamp.Token.AsSpan().SequenceEqual(token))
        {
            throw new RefusedException(Reason.NotCanonical, path, "an export has the token alone");
        }

        _valid.Add((tree.Size, name));
        report.Checked($"the first {tree.Size} entries existed on {VerifyTimeStamp.When(stamp)}, says {stamp.Signer}");
    }

    private static X509Certificate2 Certificate(StampAuthority authority)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(authority.Certificate);
        }
        catch (CryptographicException problem)
        {
            throw new RefusedException(Reason.PolicyMalformed, authority.Name, problem.Message);
        }
    }

    private static Checkpoint Parse(byte[] text, string path)
    {
        try
        {
            return Checkpoint.Parse(System.Text.Encoding.UTF8.GetString(text));
        }
        catch (FormatException problem)
        {
            throw new RefusedException(Reason.Malformed, path, problem.Message);
        }
    }

    private async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
    {
        await using var stream = bag.Read(path);
        return await Input.ReadAsync(stream, path, MaxSmall, cancellation);
    }
}
