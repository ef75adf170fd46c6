using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;

namespace Poc.StatementArchive.Tests.Statements;

public sealed class GetStatementTests(SharedArchive archive)
{
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
