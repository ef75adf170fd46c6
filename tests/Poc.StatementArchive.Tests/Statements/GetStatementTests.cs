using Google.Protobuf;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Log;
using Poc.Kernel.Merkle;

namespace Poc.StatementArchive.Tests.Statements;

public sealed class GetStatementTests(SharedArchive archive)
{
    [Fact]
    public async Task Gives_the_entry_and_what_opens_its_commitment()
    {
        var said = Some.Statement();
        (said.LogEntry, said.CommitmentNonce) = (ByteString.CopyFrom(1), ByteString.CopyFrom(2)); // output only
        var recorded = await archive.Client.RecordAsync(Some.Subject(), statement: said);

        var statement = (await archive.Client.GetStatementAsync(new GetStatementRequest { Name = recorded.Name }, ArchiveService.Reviewer)).Statement;

        Assert.Equal(recorded, statement);
        var entry = LogEntry.Parse(statement.LogEntry.Memory);
        Assert.Equal(entry.Commitment, Commitment.Of(statement.CommitmentNonce.Span, statement.ContentSha256.Span));
        var proof = (await archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = statement.LogIndex })).Proof;
        Assert.Equal(MerkleTree.HashLeaf(statement.LogEntry.Span), proof.LeafHash.ToByteArray());
        Assert.DoesNotContain("log_entry", await archive.Database.ScalarAsync<string>("SELECT record FROM statements WHERE name = $1", statement.Name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_when_there_is_no_such_statement()
    {
        var refusal = await Some.RefusalAsync(
            archive.Client.GetStatementAsync(new GetStatementRequest { Name = "subjects/nobody/statements/none" }, ArchiveService.Reviewer));
        Assert.Equal((StatusCode.NotFound, "STATEMENT_NOT_FOUND"), (refusal.Code, refusal.Reason));
    }

    [Theory]
    [InlineData("")]
    [InlineData("subjects/nobody")]
    [InlineData("statements/none")]
    [InlineData("subjects/no body/statements/none")]
    public async Task Refuses_what_is_no_name(string name)
        => Assert.Equal(
            ["name"], (await Some.RefusalAsync(archive.Client.GetStatementAsync(new GetStatementRequest { Name = name }, ArchiveService.Reviewer))).Fields);
}
