using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Poc.Kernel.Exports;
using Poc.Kernel.Log;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.Verify.Bags;
using Poc.Verify.Notes;
using Poc.Verify.Proofs;

namespace Poc.Verify.Exports;

/// <summary>
/// <c>poc-verify BAG</c>: everything about an export (docs/export-format.md). First that it is a valid bag of exactly the files that it should have; then that each
/// entry is in the tree of a checkpoint signed as the policy asks; then that every content opens its entry's commitment, and that the payload as a whole is the one the
/// log sealed. Manifests alone convince of nothing: whoever changes a file can make them anew.
/// </summary>
internal sealed class VerifyExport
{
    private const int MaxSmall = 1_000_000;
    private const int MaxRecord = 16 * 1024 * 1024;
    private const int MaxContents = 64 * 1024 * 1024;

    private readonly BagFolder _bag;
    private readonly Report _report;
    private readonly Dictionary<string, byte[]> _payload;
    private readonly HashSet<string> _accounted;

    private VerifyExport(BagFolder bag, Report report, Dictionary<string, byte[]> payload)
    {
        (_bag, _report, _payload) = (bag, report, payload);
        _accounted = new(
            [ExportLayout.Declaration, ExportLayout.Info, .. ExportLayout.Manifests, ExportLayout.Contents, ExportLayout.Crate, ExportLayout.Policy, ExportLayout.Checkpoint],
            StringComparer.Ordinal);
    }

    public static async Task RunAsync(string folder, string? policyFile, Report report, TextWriter progress, CancellationToken cancellation)
    {
        var bag = BagFolder.Open(folder, report);
        var manifests = await VerifyBag.RunAsync(bag, report, progress, cancellation);
        var payload = manifests.FirstOrDefault(manifest => manifest.File == ExportLayout.SealedManifest)?.Digests.ToDictionary(StringComparer.Ordinal) ?? [];
        await new VerifyExport(bag, report, payload).RunAsync(policyFile, manifests, cancellation);
    }

    private async Task RunAsync(string? policyFile, IReadOnlyList<BagManifest> manifests, CancellationToken cancellation)
    {
        foreach (var missing in _accounted.Where(path => !_bag.Files.ContainsKey(path)))
        {
            _report.Fail(Reason.FileMissing, missing, "every export has it");
        }

        // What is not whole as a bag is not looked at further: nothing could be said of it that is worth more.
        if (_report.Failures.Count > 0)
        {
            return;
        }

        await RequireFormAsync(manifests, cancellation);
        var contents = await ReadContentsAsync(cancellation);
        var policy = await ReadPolicyAsync(policyFile, cancellation);
        var checkpoint = await OpenCheckpointAsync(policy, contents, cancellation);
        var entries = await ReadEntriesAsync(contents, checkpoint, cancellation);
        await RequireObjectsAsync(contents, entries, cancellation);
        await RequireSealAsync(contents, entries, cancellation);
        var stamped = await new VerifyStamps(_bag, _report, _accounted).RunAsync(policy, checkpoint, cancellation);
        stamped.Require(entries.Keys.Max());
        foreach (var path in _bag.Files.Keys.Where(path => !_accounted.Contains(path)).Order(StringComparer.Ordinal))
        {
            _report.Fail(Reason.FileUnexpected, path, "no entry accounts for it");
        }
    }

    /// <summary>Files whose bytes follow from others: BagIt lets them be written in several ways, an export is written in one.</summary>
    private async Task RequireFormAsync(IReadOnlyList<BagManifest> manifests, CancellationToken cancellation)
    {
        await RequireBytesAsync(ExportLayout.Declaration, ExportLayout.DeclarationBytes, cancellation);
        foreach (var manifest in manifests)
        {
            if (!ExportLayout.Manifests.Contains(manifest.File))
            {
                _report.Fail(Reason.FileUnexpected, manifest.File, "an export has manifests by SHA-256 and SHA-512");
                continue;
            }

            foreach (var path in _bag.Files.Keys.Where(path => !BagPath.IsPayload(path) && !path.StartsWith("tagmanifest-", StringComparison.Ordinal)))
            {
                if (manifest.IsTag && !manifest.Digests.ContainsKey(path))
                {
                    _report.Fail(Reason.FileUnexpected, path, $"{manifest.File} does not list it");
                }
            }

            await RequireBytesAsync(manifest.File, ExportLayout.Manifest(manifest.Digests.Select(listed => (listed.Key, listed.Value))), cancellation);
        }
    }

    private async Task<ExportContents> ReadContentsAsync(CancellationToken cancellation)
    {
        ExportContents contents;
        try
        {
            contents = ExportContents.Parse(await ReadAsync(ExportLayout.Contents, MaxContents, cancellation));
        }
        catch (FormatException problem)
        {
            throw new RefusedException(Reason.Malformed, ExportLayout.Contents, problem.Message);
        }

        var indices = contents.Objects.SelectMany(exported => exported.Entries).ToList();
        if (contents.Objects.Count == 0 || indices.Distinct().Count() != indices.Count || contents.Objects.Any(exported => exported.Entries.Count == 0)
            || contents.Objects.Select(exported => exported.ObjectId).Distinct().Count() != contents.Objects.Count)
        {
            throw new RefusedException(Reason.Malformed, ExportLayout.Contents, "it lists nothing, or something twice");
        }

        var payload = _bag.Files.Where(file => BagPath.IsPayload(file.Key)).ToList();
        await RequireBytesAsync(ExportLayout.Info, ExportLayout.InfoBytes(contents, payload.Sum(file => file.Value), payload.Count), cancellation);
        return contents;
    }

    private async Task<TrustPolicy> ReadPolicyAsync(string? file, CancellationToken cancellation)
    {
        if (file is null)
        {
            _report.NotAuthentic("whose log it is: no --policy was given, so keys were taken from the bag itself, and anybody can make a bag with keys of their own. "
                + "Compare data/policy.txt with what the archive published elsewhere, and give your own copy by --policy. Exit code 3, never 0");
        }

        try
        {
            var policy = TrustPolicy.Parse(file is null ? await ReadAsync(ExportLayout.Policy, MaxSmall, cancellation) : await Input.ReadAsync(file, MaxSmall, cancellation));
            return policy.Logs.Count > 0 ? policy : throw new FormatException("It names no log.");
        }
        catch (FormatException problem)
        {
            throw new RefusedException(Reason.PolicyMalformed, file ?? ExportLayout.Policy, problem.Message);
        }
    }

    private async Task<Checkpoint> OpenCheckpointAsync(TrustPolicy policy, ExportContents contents, CancellationToken cancellation)
    {
        var note = VerifyNote.Open(await ReadAsync(ExportLayout.Checkpoint, MaxSmall, cancellation), ExportLayout.Checkpoint, [.. policy.Logs, .. policy.Witnesses]);
        Checkpoint checkpoint;
        try
        {
            checkpoint = Checkpoint.Parse(note.Text);
        }
        catch (FormatException problem)
        {
            throw new RefusedException(Reason.Malformed, ExportLayout.Checkpoint, problem.Message);
        }

        var logs = note.Signers.Where(signer => !signer.IsCosigner).ToList();
        var witnesses = note.Signers.Where(signer => signer.IsCosigner).ToList();
        if (logs.Count == 0)
        {
            throw new RefusedException(Reason.NotSigned, ExportLayout.Checkpoint, "no log of the policy has signed it");
        }

        if (!logs.Exists(log => log.Name == checkpoint.Origin) || checkpoint.Origin != contents.Origin)
        {
            throw new RefusedException(Reason.OriginMismatch, ExportLayout.Checkpoint, $"it is of {checkpoint.Origin}");
        }

        if (!policy.IsQuorum(witnesses))
        {
            throw new RefusedException(Reason.QuorumMissing, ExportLayout.Checkpoint, $"{witnesses.Count} of the policy's witnesses have cosigned, which is not its quorum");
        }

        _report.Checked($"checkpoint of {checkpoint.Size} entries signed by {string.Join(", ", note.Signers.Select(signer => signer.Name + (signer.IsCosigner ? " (witness)" : "")))}");
        if (policy.NeedsNoWitness)
        {
            _report.NotChecked("whether the log shows everybody the same: the policy asks for no witness");
        }

        return checkpoint;
    }

    /// <summary>Every entry by its index, each proven to be in the checkpoint's tree.</summary>
    private async Task<SortedDictionary<long, ProvenEntry>> ReadEntriesAsync(ExportContents contents, Checkpoint checkpoint, CancellationToken cancellation)
    {
        var entries = new SortedDictionary<long, ProvenEntry>();
        foreach (var path in _bag.Files.Keys.Where(path => path.StartsWith(ExportLayout.EntryFolder, StringComparison.Ordinal)))
        {
            var name = path[ExportLayout.EntryFolder.Length..];
            if (name.EndsWith(".json", StringComparison.Ordinal) && long.TryParse(name[..^5], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && ExportLayout.Entry(index) == path)
            {
                entries.Add(index, await ProveAsync(index, checkpoint, cancellation));
            }
        }

        foreach (var missing in contents.Objects.SelectMany(exported => exported.Entries).Where(index => !entries.ContainsKey(index)))
        {
            throw new RefusedException(Reason.FileMissing, ExportLayout.Entry(missing), "the list of contents names it");
        }

        _report.Checked($"{entries.Count} entries of the log are in the signed tree");
        return entries;
    }

    private async Task<ProvenEntry> ProveAsync(long index, Checkpoint checkpoint, CancellationToken cancellation)
    {
        var (entryPath, proofPath) = (ExportLayout.Entry(index), ExportLayout.Proof(index));
        var body = await ReadAsync(entryPath, LogEntry.MaxSize, cancellation);
        if (!_bag.Files.ContainsKey(proofPath))
        {
            throw new RefusedException(Reason.FileMissing, proofPath, $"{entryPath} has no proof");
        }

        if (index >= checkpoint.Size)
        {
            throw new RefusedException(Reason.IndexOutOfRange, entryPath, $"the checkpoint is of {checkpoint.Size} entries");
        }

        var leaf = MerkleTree.HashLeaf(body);
        var path = (await ProofFile.ReadAsync(_bag.PathOf(proofPath), VerifyInclusion.Members, cancellation)).Hashes("proof");
        if (path.Count != ProofPlan.Inclusion(index, checkpoint.Size).Length)
        {
            throw new RefusedException(Reason.ProofLength, proofPath, $"it has {path.Count} hashes");
        }

        if (!ProofVerifier.Inclusion(leaf, index, checkpoint.Size, path, checkpoint.RootHash))
        {
            throw new RefusedException(Reason.RootMismatch, proofPath, "entry and proof do not lead to the signed root");
        }

        await RequireBytesAsync(proofPath, ExportLayout.Inclusion(leaf, index, checkpoint.Size, path, checkpoint.RootHash), cancellation);
        _accounted.UnionWith([entryPath, proofPath]);
        try
        {
            return new ProvenEntry(LogEntry.Parse(body), leaf);
        }
        catch (FormatException problem)
        {
            // It is in the log, and this program cannot say what it means.
            throw new RefusedException(Reason.Unknown, entryPath, problem.Message);
        }
    }

    /// <summary>The entry that names the payload by the hash of its manifest.</summary>
    private async Task RequireSealAsync(ExportContents contents, SortedDictionary<long, ProvenEntry> entries, CancellationToken cancellation)
    {
        var seals = entries.Where(entry => entry.Value.Entry.ObjectId == contents.ExportId).ToList();
        if (seals is not [var (index, (seal, _))] || seal.Kind != LogEntry.Kinds.Custody || seal.Sha256 is not { } sealedHash)
        {
            throw new RefusedException(Reason.FileMissing, ExportLayout.EntryFolder, $"there is no one entry that seals the export {contents.ExportId}");
        }

        if (!SHA256.HashData(await ReadAsync(ExportLayout.SealedManifest, MaxContents, cancellation)).AsSpan().SequenceEqual(sealedHash))
        {
            _report.Fail(Reason.SealMismatch, ExportLayout.SealedManifest, $"entry {index} sealed another payload");
        }
        else
        {
            _report.Checked($"entry {index} of the log seals the payload ({seal.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC)");
        }

        var listed = contents.Objects.SelectMany(exported => exported.Entries).Append(index).ToHashSet();
        foreach (var unlisted in entries.Keys.Where(entry => !listed.Contains(entry)))
        {
            _report.Fail(Reason.FileUnexpected, ExportLayout.Entry(unlisted), "the list of contents does not name it");
        }
    }

    private async Task RequireObjectsAsync(ExportContents contents, SortedDictionary<long, ProvenEntry> entries, CancellationToken cancellation)
    {
        var (opened, handover) = (0, contents.Handover.Sha256());
        foreach (var exported in contents.Objects)
        {
            byte[]? predecessor = null;
            var isErased = exported.Entries.Any(index => entries[index].Entry.Kind == LogEntry.Kinds.Erased);
            foreach (var index in exported.Entries)
            {
                var (entry, leaf) = entries[index];
                if (entry.ObjectId != exported.ObjectId)
                {
                    _report.Fail(Reason.EntryMismatch, ExportLayout.Entry(index), $"it is not about {exported.Name}");
                }
                else if (!(entry.Predecessor ?? []).AsSpan().SequenceEqual(predecessor))
                {
                    _report.Fail(Reason.ChainBroken, ExportLayout.Entry(index), $"it does not follow the entry before it about {exported.Name}");
                }

                predecessor = leaf;
                if (index == exported.Entries[^1] && !(entry.Sha256 ?? []).AsSpan().SequenceEqual(handover))
                {
                    _report.Fail(Reason.EntryMismatch, ExportLayout.Entry(index), $"it does not say that {exported.Name} was exported for whom the list of contents says, and what for");
                }

                opened += await OpenAsync(index, entry, exported, isErased, cancellation);
            }
        }

        _report.Checked($"{opened} contents and records open the commitments of their entries");
        _report.Checked($"exported for {contents.Recipient}: {contents.Purpose}");
    }

    private async Task<int> OpenAsync(long index, LogEntry entry, ExportedObject exported, bool isErased, CancellationToken cancellation)
    {
        if (entry.Commitment is null && entry.RecordCommitment is null)
        {
            return 0;
        }

        var noncePath = ExportLayout.Nonce(index);
        if (isErased && !_bag.Files.ContainsKey(noncePath))
        {
            _report.NotChecked($"the content of entry {index} ({exported.Name}): it was erased, as a later entry says");
            return 0;
        }

        var paths = new List<(string Path, byte[] Commitment)>();
        if (entry.Commitment is { } commitment)
        {
            paths.Add((ExportLayout.Content(index, entry.MediaType), commitment));
        }

        if (entry.RecordCommitment is { } recordCommitment)
        {
            paths.Add((ExportLayout.Record(index), recordCommitment));
        }

        foreach (var missing in paths.Select(path => path.Path).Append(noncePath).Where(path => !_payload.ContainsKey(path)))
        {
            throw new RefusedException(Reason.FileMissing, missing, $"entry {index} commits to it");
        }

        _accounted.UnionWith(paths.Select(path => path.Path).Append(noncePath));
        var nonce = await ReadNonceAsync(noncePath, cancellation);
        var opened = paths.Where(path => Commitment.Of(nonce, _payload[path.Path]).AsSpan().SequenceEqual(path.Commitment)).Select(path => path.Path).ToList();
        foreach (var path in paths.Select(path => path.Path).Except(opened, StringComparer.Ordinal))
        {
            _report.Fail(Reason.CommitmentMismatch, path, $"it does not open the commitment of entry {index}");
        }

        if (entry.Kind == LogEntry.Kinds.Statement && opened.Contains(ExportLayout.Record(index)))
        {
            await RequireNameAsync(ExportLayout.Record(index), exported.Name, cancellation);
        }

        return opened.Count;
    }

    private async Task<byte[]> ReadNonceAsync(string path, CancellationToken cancellation)
    {
        try
        {
            var nonce = Convert.FromHexString(Encoding.ASCII.GetString(await ReadAsync(path, MaxSmall, cancellation)).TrimEnd('\n'));
            await RequireBytesAsync(path, ExportLayout.NonceBytes(nonce), cancellation);
            return nonce.Length == Commitment.NonceSize ? nonce : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new RefusedException(Reason.Malformed, path, $"a nonce is {2 * Commitment.NonceSize} hexadecimal digits and a newline");
        }
    }

    private async Task RequireNameAsync(string path, string name, CancellationToken cancellation)
    {
        using var record = JsonDocument.Parse(await ReadAsync(path, MaxRecord, cancellation));
        if (!record.RootElement.TryGetProperty("name", out var recorded) || recorded.GetString() != name)
        {
            _report.Fail(Reason.EntryMismatch, path, $"what was recorded is not of {name}");
        }
    }

    private async Task RequireBytesAsync(string path, byte[] expected, CancellationToken cancellation)
    {
        if (!(await ReadAsync(path, MaxContents, cancellation)).AsSpan().SequenceEqual(expected))
        {
            _report.Fail(Reason.NotCanonical, path, "it is not written as what it follows from says");
        }
    }

    private async Task<byte[]> ReadAsync(string path, int maxSize, CancellationToken cancellation)
    {
        await using var stream = _bag.Read(path);
        return await Input.ReadAsync(stream, path, maxSize, cancellation);
    }

    private sealed record ProvenEntry(LogEntry Entry, byte[] Leaf);
}
