using System.Security.Cryptography;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Log;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;

namespace Poc.Story.Stack;

/// <summary>
/// Checks the archive's log without trusting the archive: with the published verifier key, the entries as an auditor reads them, and the verifiers of
/// Poc.Kernel. Nothing the archive says about its own proofs is believed.
/// </summary>
internal sealed class LogAuditor(Stage stage)
{
    private NoteKey? _log;

    /// <summary>The log's origin, from its verifier key.</summary>
    public string Origin => _log?.Name ?? "";

    /// <summary>Whether the entry is in the log under a checkpoint that the log has signed, is of that kind, and is the bytes that were hashed.</summary>
    /// <param name="index">Where the archive says it stands.</param>
    /// <param name="isTheEntry">Whether the entry found there is the one that is meant.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null when all of that is proven; otherwise what is not.</returns>
    public async Task<string?> ProveAsync(long index, Func<LogEntry, bool> isTheEntry, CancellationToken cancellation)
    {
        var proof = await ProofAsync(index, cancellation);
        try
        {
            var checkpoint = Checkpoint.Open(proof.Checkpoint, _log!);
            if (checkpoint.Size != proof.TreeSize || !proof.RootHash.Span.SequenceEqual(checkpoint.RootHash))
            {
                return "the proof is not for the tree of the signed checkpoint";
            }

            var leaf = proof.LeafHash.ToByteArray();
            if (!ProofVerifier.Inclusion(leaf, index, checkpoint.Size, [.. proof.Path.Select(static node => node.ToByteArray())], checkpoint.RootHash))
            {
                return "the audit path does not lead to the signed root";
            }

            var page = await stage.AskAsync(stage.Archive.ListLogEntriesAsync, new ListLogEntriesRequest { Start = index, PageSize = 1 }, stage.Staff("auditor-1"), cancellation);
            if (page.Entries.Count == 0 || !MerkleTree.HashLeaf(page.Entries[0].Span).AsSpan().SequenceEqual(leaf))
            {
                return "the entry is not the one that was hashed";
            }

            return isTheEntry(LogEntry.Parse(page.Entries[0].Memory)) ? null : "another entry stands at that index";
        }
        catch (FormatException problem)
        {
            return problem.Message;
        }
    }

    /// <summary>All entries of the log as an auditor reads them, with their index.</summary>
    public async Task<IReadOnlyList<(long Index, LogEntry Entry)>> EntriesAsync(CancellationToken cancellation)
    {
        var entries = new List<(long, LogEntry)>();
        while (true)
        {
            var page = await stage.AskAsync(stage.Archive.ListLogEntriesAsync, new ListLogEntriesRequest { Start = entries.Count, PageSize = 1000 }, stage.Staff("auditor-1"), cancellation);
            if (page.Entries.Count == 0)
            {
                return entries;
            }

            entries.AddRange(page.Entries.Select((bytes, offset) => ((long)entries.Count + offset, LogEntry.Parse(bytes.Memory))).ToList());
        }
    }

    /// <summary>Whether a statement's content is what its record says: hashed here, from the text as the archive gives it out.</summary>
    public static bool ContentIsUnchanged(Statement statement) =>
        SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(statement.Text)).AsSpan().SequenceEqual(statement.ContentSha256.Span);

    // A checkpoint is signed about every second: an entry younger than that has no proof yet.
    private async Task<InclusionProof> ProofAsync(long index, CancellationToken cancellation)
    {
        _log ??= NoteKey.Parse((await stage.AskAsync(stage.Archive.GetCheckpointAsync, new GetCheckpointRequest(), stage.Anyone, cancellation)).VerifierKey);
        var proof = await stage.Awaiting.UntilAsync(
            $"a signed checkpoint over log entry {index}",
            async () =>
            {
                try
                {
                    return (await stage.AskAsync(stage.Archive.GetInclusionProofAsync, new GetInclusionProofRequest { LogIndex = index }, stage.Anyone, cancellation)).Proof;
                }
                catch (RpcException problem) when (problem.StatusCode is StatusCode.OutOfRange or StatusCode.NotFound)
                {
                    return null;
                }
            },
            static proof => proof is not null,
            static _ => "no proof",
            cancellation);
        return proof!;
    }
}
