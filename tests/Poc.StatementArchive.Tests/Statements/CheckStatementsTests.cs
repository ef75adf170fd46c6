using Poc.Contracts.StatementArchive.V1;

namespace Poc.StatementArchive.Tests.Statements;

public sealed class CheckStatementsTests(SharedArchive archive)
{
    [Fact]
    public async Task Names_those_it_does_not_have_once_and_in_order()
    {
        var stored = await archive.Client.RecordAsync(Some.Subject());
        var answer = await archive.Client.CheckStatementsAsync(
            new CheckStatementsRequest
            {
                Names = { "subjects/x/statements/z",
                stored.Name, "his statements of 2007", "subjects/x/statements/a", "subjects/x/statements/z" }
            }, ArchiveService.Review);
        Assert.Equal(["subjects/x/statements/z", "his statements of 2007", "subjects/x/statements/a"], answer.UnknownNames);
    }

    [Fact]
    public async Task Knows_all_of_nothing()
        => Assert.Empty((await archive.Client.CheckStatementsAsync(new CheckStatementsRequest(), ArchiveService.Review)).UnknownNames);

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public async Task Takes_at_most_a_hundred(int count, bool isTaken)
    {
        var request = new CheckStatementsRequest { Names = { Enumerable.Range(0, count).Select(i => $"subjects/x/statements/s{i}") } };
        if (isTaken)
        {
            Assert.Equal(count, (await archive.Client.CheckStatementsAsync(request, ArchiveService.Review)).UnknownNames.Count);
        }
        else
        {
            Assert.Equal(["names"], (await Some.RefusalAsync(archive.Client.CheckStatementsAsync(request, ArchiveService.Review))).Fields);
        }
    }
}
