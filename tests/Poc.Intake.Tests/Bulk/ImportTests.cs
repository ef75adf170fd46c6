using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Testing;

namespace Poc.Intake.Tests.Bulk;

public sealed class ImportTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_item_gets_its_own_result_and_a_bad_one_stops_no_other()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var items = Enumerable.Range(0, 300).Select(static i => Filings.Delist(string.Create(CultureInfo.InvariantCulture, $"Item {i}. (synthetic)"))).ToArray();
        items[7].Request.Language = "??";
        items[7].Request.Links.Add("nowhere");
        items[200].Request.CitedStatements.Add("subjects/navalny/statements/nobody-has-it");
        items[299] = Filings.Withdraw($"{partner.Name}/requests/{Filings.NewId()}");

        var answer = await ImportAsync(partner, Filings.NewId(), items);

        Assert.Equal((297, 3, 300, 0), (answer.Import.StoredCount, answer.Import.RefusedCount, answer.Import.NextIndex, answer.OmittedCount));
        Assert.Equal(Enumerable.Range(0, 300), answer.Items.Select(static item => item.Index));
        Assert.Equal((3, "FIELD_INVALID"), (answer.Items[7].Error.Code, answer.Items[7].Error.Reason));
        Assert.Equal(["request.language", "request.links[1]"], answer.Items[7].Error.FieldViolations.Select(static wrong => wrong.Field));
        Assert.Equal("CITED_STATEMENT_UNKNOWN", answer.Items[200].Error.Reason);
        Assert.Equal("REQUEST_NOT_FOUND", answer.Items[299].Error.Reason);
        Assert.Equal("Item 42. (synthetic)", (await partner.GetAsync(answer.Items[42].Request)).Text);
        Assert.Equal(answer.Import, (await partner.Server.Bulk.GetImportAsync(new GetImportRequest { Name = answer.Import.Name }, partner.Headers, cancellationToken: Ended)).Import);
        Assert.Equal([7, 200, 299], (await ListAsync(partner.Server, answer.Import.Name, partner.Headers, refusedOnly: true)).Select(static item => item.Index));
        Assert.Equal(answer.Items, await ListAsync(partner.Server, answer.Import.Name, IntakeServer.Staff(Roles.IntakeOfficer)));
    }

    [Fact]
    public async Task An_import_that_breaks_off_goes_on_and_stores_nothing_twice()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var import = Filings.NewId();
        var items = Enumerable.Range(0, 400).Select(static _ => Filings.Delist()).ToArray();

        using (var gone = CancellationTokenSource.CreateLinkedTokenSource(Ended))
        using (var call = partner.Server.Bulk.ImportRequests(partner.Headers, cancellationToken: gone.Token))
        {
            for (var i = 0; i < 150; i++)
            {
                await call.RequestStream.WriteAsync(new ImportRequestsRequest { ImportId = import, Index = i, Item = items[i] }, Ended);
            }

            // The first group is filed, the second is not full: the call waits for more, which never comes.
            await Eventually.BecomesTrueAsync(async () => (await FindAsync(partner, import)).NextIndex == 128);
            await gone.CancelAsync();
        }

        var next = (await FindAsync(partner, import)).NextIndex;
        Assert.Equal(128, next);
        // Some items too many: they give their first result.
        var answer = await ImportAsync(partner, import, items, from: next - 20);

        Assert.Equal((400, 0, 400), (answer.Import.StoredCount, answer.Import.RefusedCount, answer.Import.NextIndex));
        var all = await ListAsync(partner.Server, answer.Import.Name, partner.Headers);
        Assert.Equal(all.Skip(next - 20), answer.Items);
        Assert.Equal(400, all.Select(static item => item.Request).Distinct().Count());
        Assert.Equal(400, await partner.Server.Database.ScalarAsync<long>("SELECT count(*) FROM requests WHERE partner_id = $1", partner.Name["partners/".Length..]));
    }

    [Fact]
    public async Task The_same_import_at_once_from_two_sides_stores_every_item_once()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var import = Filings.NewId();
        var items = Enumerable.Range(0, 200).Select(static _ => Filings.Delist()).ToArray();

        var answers = await Task.WhenAll(ImportAsync(partner, import, items), ImportAsync(partner, import, items));

        Assert.Equal(answers[0].Items, answers[1].Items);
        Assert.Equal(200, await partner.Server.Database.ScalarAsync<long>("SELECT count(*) FROM requests WHERE partner_id = $1", partner.Name["partners/".Length..]));
    }

    [Fact]
    public async Task A_refused_item_can_be_mended_and_a_stored_one_stays()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var import = Filings.NewId();
        var items = new[] { Filings.Delist(), Filings.Delist() };
        items[0].Request.Language = "";
        var first = await ImportAsync(partner, import, items);

        items[0].Request.Language = "ru";
        items[1].Request.Text = "Something else.";
        var second = await ImportAsync(partner, import, items);

        Assert.Equal("", first.Items[0].Request);
        Assert.NotEqual("", second.Items[0].Request);
        Assert.Equal("IMPORT_ITEM_CHANGED", second.Items[1].Error.Reason);
        Assert.Equal(first.Items[1], (await ListAsync(partner.Server, second.Import.Name, partner.Headers))[1]);
        Assert.Equal((2, 0, 2), (second.Import.StoredCount, second.Import.RefusedCount, second.Import.NextIndex));
    }

    [Fact]
    public async Task Where_an_import_goes_on_is_the_first_place_without_a_result()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var import = Filings.NewId();
        var items = Enumerable.Range(0, 6).Select(static _ => Filings.Delist()).ToArray();

        Assert.Equal(0, (await ImportAsync(partner, import, items, from: 4)).Import.NextIndex);
        Assert.Equal(2, (await ImportAsync(partner, import, items[..2])).Import.NextIndex);
        Assert.Equal(6, (await ImportAsync(partner, import, items[..4])).Import.NextIndex);
    }

    [Fact]
    public async Task A_partner_above_its_quota_is_read_more_slowly_and_not_refused()
    {
        await stack.IntakeAsync();
        await using var replica = await stack.ReplicaAsync(("Intake:QuotaPerSecond", "20"), ("Intake:QuotaBurst", "5"));
        var partner = await replica.NewPartnerAsync();

        var answer = await ImportAsync(partner, Filings.NewId(), [.. Enumerable.Range(0, 25).Select(static _ => Filings.Delist())]);

        Assert.Equal((25, 0), (answer.Import.StoredCount, answer.Import.RefusedCount));
    }

    [Fact]
    public async Task While_the_archive_is_away_what_needs_it_ends_the_call_and_the_rest_is_kept()
    {
        var bus = await Servers.NewBusAsync();
        var redis = await Servers.RedisAsync();
        var surroundings = await IntakeStack.OwnAsync(bus, redis.ConnectionString);
        await using var archive = surroundings.Archive;
        await using var intake = await IntakeServer.StartAsync(surroundings, ("Intake:ArchiveDeadline", "00:00:00.300"));
        var partner = await intake.NewPartnerAsync();
        var import = Filings.NewId();
        var items = Enumerable.Range(0, 5).Select(static _ => Filings.Delist()).ToArray();
        items[2].Request.CitedStatements.Add("subjects/navalny/statements/s1");

        await archive.StopAsync();
        await ImportAsync(partner, import, items).RefusedAsync(StatusCode.Unavailable, "ARCHIVE_UNAVAILABLE");
        var stopped = await FindAsync(partner, import);
        Assert.Equal((4, 0, 2), (stopped.StoredCount, stopped.RefusedCount, stopped.NextIndex));
        await archive.StartAgainAsync();

        await Eventually.BecomesTrueAsync(async () => (await ImportAsync(partner, import, items)).Import.StoredCount == 5);
    }

    [Fact]
    public async Task A_stream_that_is_not_an_import_is_refused()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var import = Filings.NewId();

        await SendAsync(partner).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        Assert.Equal(["import_id"], (await SendAsync(partner, new ImportRequestsRequest { ImportId = "7" }).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
        Assert.Equal(["index"], (await SendAsync(partner, Item(0), Item(0)).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
        Assert.Equal(["index"], (await SendAsync(partner, Item(-1)).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
        Assert.Equal(["import_id"], (await SendAsync(partner, Item(0), new ImportRequestsRequest { ImportId = Filings.NewId(), Index = 1 }).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());

        ImportRequestsRequest Item(int index) => new() { ImportId = import, Index = index, Item = Filings.Delist() };
    }

    [Fact]
    public async Task Another_partners_import_is_as_unknown_as_one_that_is_not_there()
    {
        var intake = await stack.IntakeAsync();
        var (owner, other) = (await intake.NewPartnerAsync(), await intake.NewPartnerAsync());
        var name = (await ImportAsync(owner, Filings.NewId(), [Filings.Delist()])).Import.Name;

        await intake.Bulk.GetImportAsync(new GetImportRequest { Name = name }, other.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "IMPORT_NOT_FOUND");
        await ListAsync(intake, name, other.Headers).RefusedAsync(StatusCode.NotFound, "IMPORT_NOT_FOUND");
        await ListAsync(intake, $"{other.Name}/imports/{Filings.NewId()}", other.Headers).RefusedAsync(StatusCode.NotFound, "IMPORT_NOT_FOUND");
    }

    private static Task<ImportRequestsResponse> ImportAsync(TestPartner partner, string import, SubmitRequestRequest[] items, int from = 0) =>
        SendAsync(partner, [.. Enumerable.Range(from, items.Length - from).Select(i => new ImportRequestsRequest { ImportId = i == from ? import : "", Index = i, Item = items[i] })]);

    private static async Task<ImportRequestsResponse> SendAsync(TestPartner partner, params ImportRequestsRequest[] messages)
    {
        using var call = partner.Server.Bulk.ImportRequests(partner.Headers, cancellationToken: Ended);
        try
        {
            foreach (var message in messages)
            {
                await call.RequestStream.WriteAsync(message, Ended);
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception early) when (early is RpcException or InvalidOperationException)
        {
            // The call has ended already: its answer says why.
        }

        return await call;
    }

    private static async Task<Import> FindAsync(TestPartner partner, string import) =>
        (await partner.Server.Bulk.GetImportAsync(new GetImportRequest { Name = $"{partner.Name}/imports/{import}" }, partner.Headers, cancellationToken: Ended)).Import;

    private static async Task<IReadOnlyList<ImportItem>> ListAsync(IntakeServer intake, string import, Metadata headers, bool refusedOnly = false)
    {
        var items = new List<ImportItem>();
        var request = new ListImportItemsRequest { Parent = import, PageSize = 150, RefusedOnly = refusedOnly };
        do
        {
            var page = await intake.Bulk.ListImportItemsAsync(request, headers, cancellationToken: Ended);
            items.AddRange(page.Items);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return items;
    }
}
