using System.Globalization;
using Microsoft.Extensions.Options;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Review.Ballots;
using Poc.Review.Dossiers;
using Poc.Review.Panels;
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

    [Fact]
    public async Task Takes_the_rules_of_another_body_from_a_folder_of_its_own()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        var shelf = Shelf(database, Path.Combine(AppContext.BaseDirectory, "Protocols", "examples"));
        await shelf.FillAsync(CancellationToken.None);
        Assert.Equal("protocols/v1", shelf.Newest.Name);
        Assert.True(Admissibility.AddressesCriterion(shelf.Newest, QuestionType.Designate, ["unfair-proceedings"]));
        Assert.False(Admissibility.AddressesCriterion(shelf.Newest, QuestionType.Designate, ["terrorist-crime", "detained-for-conscience"]));
        Assert.True(Admissibility.AddressesCriterion(shelf.Newest, QuestionType.Delist, ["terrorist-crime"]));
        Assert.Equal((5, 7, 4), (shelf.Newest.MinimumPanel, shelf.Newest.MaximumPanel, shelf.Newest.Quorum));
    }

    [Fact]
    public async Task Holds_requests_to_a_version_from_the_day_it_is_effective()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        var folder = await FolderAsync((1, null), (2, "2021-05-07"));
        var shelf = Shelf(database, folder, new At("2021-05-06T23:59:59Z"));
        await shelf.FillAsync(CancellationToken.None);
        Assert.Equal([1, 2], shelf.All.Select(static rules => rules.Version));
        Assert.Equal(1, shelf.Newest.Version);
        var later = Shelf(database, folder, new At("2021-05-07T00:00:00Z"));
        await later.FillAsync(CancellationToken.None);
        Assert.Equal(2, later.Newest.Version);
    }

    [Fact]
    public async Task Says_the_errors_of_all_documents_at_once_and_records_none()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        var folder = await FolderAsync((1, "2021-05-07"), (2, "2021-05-06"));
        await File.WriteAllTextAsync(Path.Combine(folder, "v3.yaml"), "version: 3");
        var problem = await Assert.ThrowsAsync<ProtocolException>(() => Shelf(database, folder).FillAsync(CancellationToken.None));
        Assert.Contains("error effective-order", problem.Message, StringComparison.Ordinal);
        Assert.Contains("error key-missing: panel: is missing", problem.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM protocols"));
    }

    [Fact]
    public async Task Refuses_a_version_that_does_not_fit_those_on_record()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        await Shelf(database, await FolderAsync((1, "2021-05-07"))).FillAsync(CancellationToken.None);
        var problem = await Assert.ThrowsAsync<ProtocolException>(async () => await Shelf(database, await FolderAsync((2, "2021-05-06"))).FillAsync(CancellationToken.None));
        Assert.Contains("error effective-order", problem.Message, StringComparison.Ordinal);
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM protocols"));
    }

    [Fact]
    public async Task Seats_no_panel_larger_than_the_protocol_allows_or_before_it_is_effective()
    {
        await using var database = await TestDatabase.CreateAsync("reviewdb");
        var early = new At("2012-10-02T12:00:00Z");
        var shelf = Shelf(database, Path.Combine(AppContext.BaseDirectory, "Protocols", "examples"), early);
        await shelf.FillAsync(CancellationToken.None);
        var request = new SeatPanelRequest
        {
            RequestId = Some.RequestId(),
            Dossier = $"dossiers/{Guid.CreateVersion7()}",
            Protocol = "protocols/v1",
            Members = { Enumerable.Range(1, 8).Select(static number => $"staff/r{number}") },
            Etag = "r1",
        };
        Assert.Equal(["members", "protocol"], await WrongAsync(early));
        request.Members.RemoveAt(7);
        Assert.Equal(["protocol"], await WrongAsync(early));
        Assert.Equal(["DOSSIER_NOT_FOUND"], await WrongAsync(new At("2012-10-03T00:00:00Z"))); // that is checked next

        async Task<IEnumerable<string>> WrongAsync(TimeProvider clock)
        {
            var refusal = await Assert.ThrowsAsync<RpcError>(() => new SeatPanel(new IdempotentWrites(database.Database), shelf,
                new RoundKeys(Options.Create(new SealKeysOptions()), clock), new IdSource(clock), clock)
                .HandleAsync(request, new Caller("staff/chair", new HashSet<string>()), CancellationToken.None));
            return refusal.FieldViolations.Count > 0 ? refusal.FieldViolations.Select(static violation => violation.Field) : [refusal.Reason];
        }
    }

    private static async Task<string> FolderAsync(params (int Version, string? From)[] versions)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Servers.Folder, Some.Id("protocols"))).FullName;
        var shipped = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Protocols", "v1.yaml"));
        foreach (var (version, from) in versions)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"v{version}.yaml"),
                shipped.Replace("version: 1\n", from is null ? $"version: {version}\n" : $"version: {version}\neffective_from: {from}\n", StringComparison.Ordinal));
        }

        return folder;
    }

    private sealed class At(string now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.Parse(now, CultureInfo.InvariantCulture);
    }

    private static ProtocolShelf Shelf(TestDatabase database, string folder, TimeProvider? clock = null) =>
        new(database.Database, Options.Create(new ReviewOptions { ProtocolFolder = folder }), clock ?? TimeProvider.System);
}
