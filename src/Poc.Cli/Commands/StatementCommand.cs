using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel.Log;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;

namespace Poc.Cli.Commands;

/// <summary><c>poc statement</c>: reads a statement and proves, on this side of the wire, that it is the one the signed log holds.</summary>
internal static class StatementCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "subjects/{subject}/statements/{statement}" };
    private static readonly Option<string?> VerifierKey = new("--vkey")
    {
        Description = "The log's verifier key (name+id+key), from a source you trust. Without it the key the service names is used, and said so.",
    };

    public static Command Create()
    {
        var show = new Command("show", "Show a statement with where it comes from and what is known of a retraction.") { Name };
        show.SetAction(ShowAsync);
        var verify = new Command("verify", "Check words, commitment, inclusion and signature. Exit code 1 as soon as one does not hold.") { Name, VerifierKey };
        verify.SetAction(VerifyAsync);
        return new Command("statement", "What a person really said (staff).") { show, verify };
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Auditor);
        var statement = await GetAsync(parsed, connection, cancellation);
        await Answer.WriteAsync(parsed, statement,
        [
            $"{statement.Name}  ({statement.ContentKind}{(statement.Synthetic ? ", synthetic" : "")})",
            $"speaker     {statement.Speaker}",
            $"publisher   {statement.Publisher}",
            $"amplifier   {statement.Amplifier}",
            $"uttered     {statement.Uttered?.Earliest} {statement.Uttered?.Precision}, confidence {statement.Uttered?.Confidence}",
            $"retraction  {statement.RetractionState}",
            .. statement.Claims.Select(claim => $"claim       {claim.Source} on {claim.Topic}: {claim.Claim}"),
            $"text ({statement.Language})",
            $"  {statement.Text}",
            .. statement.Translations.Select(translation => $"translation {translation.Language} v{translation.Version} by {translation.Translator}\n  {translation.Text}"),
        ]);
        return ExitCode.Done;
    }

    private static async Task<int> VerifyAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Auditor);
        var statement = await GetAsync(parsed, connection, cancellation);
        var client = new StatementArchiveService.StatementArchiveServiceClient(connection.Invoker);
        var proof = (await client.GetInclusionProofAsync(new() { LogIndex = statement.LogIndex }, connection.Call(cancellation))).Proof;
        var trusted = parsed.GetValue(VerifierKey);
        var key = trusted ?? (await client.GetCheckpointAsync(new(), connection.Call(cancellation))).VerifierKey;

        var checks = Check(statement, proof, key).ToList();
        var verified = checks.TrueForAll(check => check.Holds);
        await Answer.WriteAsync(parsed, new { statement.Name, statement.LogIndex, proof.TreeSize, Verified = verified, KeyPinned = trusted is not null, Checks = checks },
        [
            .. checks.Select(check => $"{(check.Holds ? "holds " : "FAILS ")} {check.What}"),
            trusted is null ? $"note   the key is the one the service names; pin it with --vkey '{key}'" : "note   the key is the one you gave",
            verified ? $"{statement.Name} is entry {statement.LogIndex} of a signed log of {proof.TreeSize}." : $"{statement.Name} is NOT verified.",
        ]);
        return verified ? ExitCode.Done : ExitCode.Refused;
    }

    /// <summary>The chain from the words to the signature; a later link is only tried where those before it hold.</summary>
    private static IEnumerable<(string What, bool Holds)> CheckChain(Statement statement, InclusionProof proof, string key)
    {
        var contentHash = SHA256.HashData(Encoding.UTF8.GetBytes(statement.Text));
        yield return ("the words have the SHA-256 that is stated", contentHash.AsSpan().SequenceEqual(statement.ContentSha256.Span));

        var entryBytes = statement.LogEntry.ToByteArray();
        yield return ("the log entry commits to that hash", Commits(entryBytes, statement.CommitmentNonce.Span, contentHash));

        var leaf = MerkleTree.HashLeaf(entryBytes);
        yield return ("the leaf is the hash of that entry, at its index", leaf.AsSpan().SequenceEqual(proof.LeafHash.Span) && proof.LogIndex == statement.LogIndex);

        var root = proof.RootHash.ToByteArray();
        yield return ("the audit path leads from the leaf to the root (RFC 6962)",
            ProofVerifier.Inclusion(leaf, proof.LogIndex, proof.TreeSize, [.. proof.Path.Select(node => node.ToByteArray())], root));

        yield return ("the checkpoint over that root is signed by the log's key", Signed(proof, key, root));
    }

    private static IEnumerable<CheckResult> Check(Statement statement, InclusionProof proof, string key)
    {
        foreach (var (what, holds) in CheckChain(statement, proof, key))
        {
            yield return new(what, holds);
            if (!holds)
            {
                yield break;
            }
        }
    }

    private static bool Commits(byte[] entryBytes, ReadOnlySpan<byte> nonce, byte[] contentHash)
    {
        try
        {
            return LogEntry.Parse(entryBytes).Commitment is { } commitment && nonce.Length == Commitment.NonceSize
                && CryptographicOperations.FixedTimeEquals(commitment, Commitment.Of(nonce, contentHash));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static bool Signed(InclusionProof proof, string key, byte[] root)
    {
        try
        {
            var checkpoint = Checkpoint.Open(proof.Checkpoint, NoteKey.Parse(key));
            return checkpoint.Size == proof.TreeSize && checkpoint.RootHash.AsSpan().SequenceEqual(root);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static async Task<Statement> GetAsync(ParseResult parsed, Connection connection, CancellationToken cancellation) =>
        (await new StatementArchiveService.StatementArchiveServiceClient(connection.Invoker).GetStatementAsync(
            new() { Name = parsed.GetRequiredValue(Name) }, connection.Call(cancellation))).Statement;

    private sealed record CheckResult(string What, bool Holds);
}
