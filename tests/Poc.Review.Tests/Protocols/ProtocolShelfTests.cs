using Microsoft.Extensions.Options;
using Poc.Grpc;
using Poc.Review.Protocols;
using Poc.Testing;

namespace Poc.Review.Tests.Protocols;

public sealed class ProtocolShelfTests
{
    [Fact]
    public async Task Refuses_a_document_that_changed_after_it_was_recorded_and_keeps_the_recorded_one()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        await Shelf(database, "Protocols").FillAsync(CancellationToken.None);

        var folder = Directory.CreateDirectory(Path.Combine(Servers.Folder, Some.Id("protocols"))).FullName;
        var shipped = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Protocols", "v1.yaml"));
        await File.WriteAllTextAsync(Path.Combine(folder, "v1.yaml"), shipped.Replace("quorum: 3", "quorum: 2", StringComparison.Ordinal));
        var problem = await Assert.ThrowsAsync<ProtocolException>(() => Shelf(database, folder).FillAsync(CancellationToken.None));
        Assert.StartsWith("Protocol version 1 is on record with SHA-256 ", problem.Message, StringComparison.Ordinal);

        // The folder that was recorded still fits, and a folder without version 2 has it from the record.
        await File.WriteAllTextAsync(Path.Combine(folder, "v1.yaml"), shipped);
        var shelf = Shelf(database, folder);
        await shelf.FillAsync(CancellationToken.None);
        Assert.Equal([1, 2], shelf.All.Select(static rules => rules.Version));
        Assert.Equal(shipped, shelf.Of(1).Document);
    }

    [Fact]
    public async Task Gives_the_document_as_it_was_loaded()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        var shelf = Shelf(database, "Protocols");
        await shelf.FillAsync(CancellationToken.None);
        var protocol = (await new GetProtocol(shelf).HandleAsync(new() { Name = "protocols/v2" })).Protocol;
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Protocols", "v2.yaml")), protocol.Document);
        Assert.Contains(protocol.Criteria, static criterion => criterion.Id == "time-and-change" && criterion.Paragraph == "2.3");
        Assert.Equal("PROTOCOL_NOT_FOUND", (await Assert.ThrowsAsync<RpcError>(() =>
            new GetProtocol(shelf).HandleAsync(new() { Name = "protocols/v3" }))).Reason);
    }

    private static ProtocolShelf Shelf(TestDatabase database, string folder) =>
        new(database.Database, Options.Create(new ReviewOptions { ProtocolFolder = folder }));
}
