using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Intake.Tests.Requests;

public sealed class ListRequestsTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_give_each_request_once_newest_first_while_new_ones_come_in()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var filed = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            filed.Insert(0, (await partner.SubmitAsync(Filings.Delist())).Request.Name);
        }

        var seen = new List<string>();
        var query = new ListRequestsRequest { PageSize = 3 };
        do
        {
            var page = await ListAsync(partner, query);
            Assert.InRange(page.Requests.Count, 1, 3);
            Assert.Equal(7 + seen.Count / 3, page.TotalSize);
            seen.AddRange(page.Requests.Select(static request => request.Name));
            query.PageToken = page.NextPageToken;
            await partner.SubmitAsync(Filings.Delist());
        }
        while (query.PageToken.Length > 0);

        Assert.Equal(filed, seen);
    }

    [Fact]
    public async Task A_full_last_page_has_no_token()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        await partner.SubmitAsync(Filings.Delist());
        await partner.SubmitAsync(Filings.Delist());

        Assert.Equal("", (await ListAsync(partner, new ListRequestsRequest { PageSize = 2 })).NextPageToken);
    }

    [Fact]
    public async Task Filters_by_state_and_subject()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var one = (await partner.SubmitAsync(Filings.Delist())).Request.Name;
        var other = Filings.Delist();
        other.Request.Subject.Subject = "subjects/another";
        var two = (await partner.SubmitAsync(other)).Request.Name;
        var withdrawal = (await partner.SubmitAsync(Filings.Withdraw(one))).Request.Name;

        Assert.Equal([two], await NamesAsync(partner, new ListRequestsRequest { State = Request.Types.State.Received }));
        Assert.Equal([one], await NamesAsync(partner, new ListRequestsRequest { State = Request.Types.State.Withdrawn }));
        Assert.Equal([withdrawal], await NamesAsync(partner, new ListRequestsRequest { State = Request.Types.State.Answered }));
        Assert.Equal([two], await NamesAsync(partner, new ListRequestsRequest { Subject = "subjects/another" }));
        Assert.Empty(await NamesAsync(partner, new ListRequestsRequest { Subject = "subjects/another", State = Request.Types.State.Withdrawn }));
    }

    [Fact]
    public async Task A_partner_lists_its_own_and_an_intake_officer_any()
    {
        var intake = await stack.IntakeAsync();
        var one = await intake.NewPartnerAsync();
        var two = await intake.NewPartnerAsync();
        var ofOne = (await one.SubmitAsync(Filings.Delist())).Request.Name;
        var ofTwo = (await two.SubmitAsync(Filings.Delist())).Request.Name;
        var officer = IntakeServer.Staff(Roles.IntakeOfficer);

        Assert.Equal([ofOne], await NamesAsync(one, new ListRequestsRequest()));
        Assert.Equal([ofOne], await NamesAsync(one, new ListRequestsRequest { Parent = one.Name }));
        await intake.Client.ListRequestsAsync(new ListRequestsRequest { Parent = two.Name }, one.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "PARENT_FORBIDDEN");
        await intake.Client.ListRequestsAsync(new ListRequestsRequest { Parent = "partners/-" }, one.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "PARENT_FORBIDDEN");
        Assert.Equal([ofTwo], (await intake.Client.ListRequestsAsync(new ListRequestsRequest { Parent = two.Name }, officer, cancellationToken: Ended)).Requests.Select(static request => request.Name));
        var all = await intake.Client.ListRequestsAsync(new ListRequestsRequest { Parent = "partners/-", PageSize = 500 }, officer, cancellationToken: Ended);
        Assert.Superset(new HashSet<string> { ofOne, ofTwo }, all.Requests.Select(static request => request.Name).ToHashSet());
        await intake.Client.ListRequestsAsync(new ListRequestsRequest(), officer, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
    }

    [Fact]
    public async Task A_token_works_for_its_own_arguments_and_its_own_partner_only()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();
        await partner.SubmitAsync(Filings.Delist());
        await partner.SubmitAsync(Filings.Delist());
        var token = (await ListAsync(partner, new ListRequestsRequest { PageSize = 1 })).NextPageToken;

        await Refused(new ListRequestsRequest { PageToken = token, State = Request.Types.State.Received });
        await Refused(new ListRequestsRequest { PageToken = token + "A" });
        await Refused(new ListRequestsRequest { PageToken = "2" });
        await Refused(new ListRequestsRequest { PageToken = "*** not base64 ***" });

        // With another partner's credential it is a place in that partner's own list, never a way into this one's.
        var other = await intake.NewPartnerAsync();
        var ofOther = (await other.SubmitAsync(Filings.Delist())).Request.Name;
        Assert.All(await NamesAsync(other, new ListRequestsRequest { PageSize = 1, PageToken = token }), name => Assert.Equal(ofOther, name));

        Task Refused(ListRequestsRequest query) => intake.Client.ListRequestsAsync(query, partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "PAGE_TOKEN_INVALID");
    }

    [Fact]
    public async Task An_absurd_page_size_is_cut_and_a_negative_one_refused()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        await partner.SubmitAsync(Filings.Delist());

        Assert.Single((await ListAsync(partner, new ListRequestsRequest { PageSize = int.MaxValue })).Requests);
        await partner.Server.Client.ListRequestsAsync(new ListRequestsRequest { PageSize = -1 }, partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
    }

    private static async Task<ListRequestsResponse> ListAsync(TestPartner partner, ListRequestsRequest query) =>
        await partner.Server.Client.ListRequestsAsync(query, partner.Headers, cancellationToken: Ended);

    private static async Task<IEnumerable<string>> NamesAsync(TestPartner partner, ListRequestsRequest query) => (await ListAsync(partner, query)).Requests.Select(static request => request.Name);
}
