using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Testing;

namespace Poc.Intake.Tests.Campaigns;

[Collection(nameof(CampaignTests))]
public sealed class CampaignTests
{
    private const string Form =
        "We ask you to take this name off your list at once. His old videos are known to everybody, and nobody who reads them calmly can go on speaking of conscience here. " +
        "Please tell us in writing when you have done it. (synthetic)";

    private static readonly (string, string) Quick = ("Intake:CampaignInterval", "00:00:00.050");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Officer => IntakeServer.Staff(Roles.IntakeOfficer);

    [Fact]
    public async Task Similar_requests_are_one_campaign_with_evidence_that_persons_classify_and_partners_contest()
    {
        await using var place = await Place.MakeAsync();
        await using var others = await OtherService.StartAsync(place.Surroundings.Bus, "campaign-listener");
        await using var intake = await IntakeServer.StartAsync(place.Surroundings, Quick);
        var (section, stranger) = (await intake.NewPartnerAsync(), await intake.NewPartnerAsync());
        var act = (await intake.Client.RecordAmplificationEventAsync(
            new()
            {
                RequestId = Filings.NewId(),
                AmplificationEvent = new AmplificationEvent
                {
                    Subject = "subjects/navalny",
                    OccurredOn = DateTime.Today.AddDays(-1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
                    Description = "A columnist's account reposts an old video. (synthetic)",
                    Url = "https://www.example.org/video?utm_source=feed",
                    Synthetic = true,
                },
            },
            Officer, cancellationToken: Ended)).AmplificationEvent;
        await stranger.SubmitAsync(Letter("A letter about something else entirely, written by one person on one evening, with nothing that anybody else would say. (synthetic)", "other"));
        var names = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            names.Add((await section.SubmitAsync(Letter(i == 7 ? Form + " I was in the courtroom myself and heard him." : Form, $"mail-{i}"))).Request.Name);
        }

        var campaign = await RaisedAsync(intake, 12);
        var shown = await intake.Campaigns.GetCampaignAsync(new() { Name = campaign.Name }, Officer, cancellationToken: Ended);

        Assert.Equal((12, 12, "wording"), (campaign.Requests, campaign.Sources, campaign.FoundBy));
        Assert.Equal(["subjects/navalny"], campaign.Subjects);
        var wording = Assert.Single(shown.Wordings);
        Assert.Contains(wording.Passages, static passage => passage.StartsWith("We ask you to take this name off your list", StringComparison.Ordinal));
        Assert.Equal(names, wording.Residues.Select(static residue => residue.Request));
        Assert.Equal("I was in the courtroom myself and heard him", wording.Residues[7].Text);
        Assert.All(wording.Residues.Where((_, i) => i != 7), static residue => Assert.Equal(0, residue.Words));
        Assert.Equal((act.Name, "time url"), (Assert.Single(shown.Amplifications).AmplificationEvent, string.Join(' ', shown.Amplifications[0].Grounds)));
        Assert.Equal((act.OccurredOn, act.Url, act.Description), (shown.Amplifications[0].OccurredOn, shown.Amplifications[0].Url, shown.Amplifications[0].Description));
        Assert.NotEmpty(shown.Explanations);
        Assert.Equal((0, 12), (shown.OrganisationSources, shown.IndividualSources));
        Assert.Equal(12, shown.Timeline.Steps.Sum(static step => step.Requests));
        Assert.Equal(0, shown.EarlierRequests);
        Assert.Equal(wording.Residues, await ResiduesAsync(intake, campaign.Name, 5));
        Assert.Equal(names[7], Assert.Single(await ResiduesAsync(intake, campaign.Name, 5, names[7])).Request);

        var said = new ClassifyCampaignRequest { RequestId = Filings.NewId(), Name = campaign.Name, Classification = CampaignClassification.Suspected, Reasons = "Twelve copies within a minute." };
        await intake.Campaigns.ClassifyCampaignAsync(said, Officer, cancellationToken: Ended);
        await intake.Campaigns.ClassifyCampaignAsync(said, Officer, cancellationToken: Ended);
        await intake.Campaigns.ClassifyCampaignAsync(
            new(said) { RequestId = Filings.NewId(), Classification = CampaignClassification.SharedReaction, Reasons = "All name the same broadcast." }, Officer, cancellationToken: Ended);
        var contest = new ContestCampaignRequest { RequestId = Filings.NewId(), Name = campaign.Name, Reason = "These are our members, each wrote for themselves." };
        await intake.Campaigns.ContestCampaignAsync(contest, section.Headers, cancellationToken: Ended);
        await intake.Campaigns.ContestCampaignAsync(new(contest) { RequestId = Filings.NewId() }, stranger.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "CAMPAIGN_NOT_FOUND");

        shown = await intake.Campaigns.GetCampaignAsync(new() { Name = campaign.Name }, Officer, cancellationToken: Ended);
        Assert.Equal(CampaignClassification.SharedReaction, shown.Campaign.Classification);
        Assert.Equal([CampaignClassification.Suspected, CampaignClassification.SharedReaction], shown.Classifications.Select(static one => one.Classification));
        Assert.Equal((section.Name, contest.Reason), (Assert.Single(shown.Contests).Partner, shown.Contests[0].Reason));
        Assert.Single((await intake.Campaigns.ListCampaignsAsync(new(), section.Headers, cancellationToken: Ended)).Campaigns);
        Assert.Empty((await intake.Campaigns.ListCampaignsAsync(new(), stranger.Headers, cancellationToken: Ended)).Campaigns);
        await intake.Campaigns.GetCampaignAsync(new() { Name = "campaigns/99" }, Officer, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "CAMPAIGN_NOT_FOUND");
        await intake.Campaigns.GetCampaignAsync(new() { Name = "campaigns/01" }, Officer, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<CampaignClassified>().Count() == 2 && others.Heard.OfType<CampaignRaised>().Any() && others.Heard.OfType<CampaignContested>().Any()
            && others.Heard.OfType<CampaignRequestsJoined>().Sum(static joined => joined.Requests.Count) == 12);
        Assert.Equal(names.Order(), Joined(others, campaign.Name).Order());
        Assert.Equal((campaign.Name, 1L), (Assert.Single(others.Heard.OfType<CampaignContested>()).Aggregate, others.Heard.OfType<CampaignContested>().Single().Version));
        var raised = Assert.Single(others.Heard.OfType<CampaignRaised>());
        Assert.Equal((campaign.Name, 1L), (raised.Aggregate, raised.Version));
        Assert.True(raised.Sources >= 5);
    }

    [Fact]
    public async Task A_form_that_has_long_been_around_is_shown_as_one()
    {
        await using var place = await Place.MakeAsync();
        TestPartner partner;
        await using (var before = await IntakeServer.StartAsync(place.Surroundings, Quick))
        {
            partner = await before.NewPartnerAsync();
            await partner.SubmitAsync(Letter("A letter about something else entirely, written by one person on one evening, with nothing that anybody else would say. (synthetic)", "other"));
            await partner.SubmitAsync(Letter(Form, "old-1"));
            await partner.SubmitAsync(Letter(Form + " I heard him myself.", "old-2"));
            await Eventually.BecomesTrueAsync(async () => await CountAsync(before, "SELECT count(*) FROM fingerprints") == 3);
        }

        // As if they had come a month ago: the detector does not look back so far.
        await place.Surroundings.Database.ExecuteAsync("UPDATE fingerprints SET received = received - 30 * 86400");
        await using var intake = await IntakeServer.StartAsync(place.Surroundings, Quick);
        for (var i = 0; i < 12; i++)
        {
            await (partner with { Server = intake }).SubmitAsync(Letter(Form, $"mail-{i}"));
        }

        var campaign = await RaisedAsync(intake, 12);
        Assert.Equal(2, (await intake.Campaigns.GetCampaignAsync(new() { Name = campaign.Name }, Officer, cancellationToken: Ended)).EarlierRequests);
    }

    [Fact]
    public async Task Letters_made_from_a_declared_template_are_labelled_and_no_campaign()
    {
        await using var place = await Place.MakeAsync();
        await using var intake = await IntakeServer.StartAsync(place.Surroundings, Quick);
        var partner = await intake.NewPartnerAsync();
        var declared = new RegisterTemplateRequest { RequestId = Filings.NewId(), TemplateId = "take-off", Text = "Dear {name}, " + Form };

        var template = (await intake.Campaigns.RegisterTemplateAsync(declared, partner.Headers, cancellationToken: Ended)).Template;
        await intake.Campaigns.RegisterTemplateAsync(new(declared) { RequestId = Filings.NewId() }, partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.AlreadyExists, "TEMPLATE_EXISTS");
        Assert.Equal(["template_id", "text"], (await intake.Campaigns.RegisterTemplateAsync(
            new() { RequestId = Filings.NewId(), TemplateId = "A", Text = "too short" }, partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
        for (var i = 0; i < 10; i++)
        {
            await partner.SubmitAsync(Letter($"Dear Ms Hill, {Form} Yours, sender {i}", $"mail-{i}"));
        }

        await Eventually.BecomesTrueAsync(async () => await CountAsync(intake, "SELECT count(*) FROM fingerprints") == 10);
        Assert.Equal(10, await CountAsync(intake, $"SELECT count(*) FROM fingerprints WHERE template = '{template.Name}'"));
        Assert.Empty((await intake.Campaigns.ListCampaignsAsync(new(), Officer, cancellationToken: Ended)).Campaigns);
    }

    [Fact]
    public async Task Two_replicas_count_each_request_once()
    {
        const int Requests = 300;
        await using var place = await Place.MakeAsync();
        await using var others = await OtherService.StartAsync(place.Surroundings.Bus, "replica-listener");
        await using var one = await IntakeServer.StartAsync(place.Surroundings, Quick);
        await using var other = await IntakeServer.StartAsync(place.Surroundings, Quick);
        var partner = await one.NewPartnerAsync();

        await Task.WhenAll(Enumerable.Range(0, Requests).Select(i => (partner with { Server = i % 2 == 0 ? one : other }).SubmitAsync(Letter(Form, $"mail-{i}")).ResponseAsync));

        Assert.Equal(Requests, (await RaisedAsync(one, Requests)).Requests);
        Assert.Equal(Requests, await CountAsync(one, "SELECT count(*) FROM fingerprints"));
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<CampaignRaised>().Any());
        Assert.Equal(1, await CountAsync(one, "SELECT count(*) FROM campaigns"));
        Assert.Single(others.Heard.OfType<CampaignRaised>());
    }

    [Fact]
    public async Task A_replica_that_is_cut_off_in_the_middle_loses_and_doubles_nothing()
    {
        const int Half = 200;
        var cut = 0L;
        await using var place = await Place.MakeAsync();
        await using (var first = await IntakeServer.StartAsync(place.Surroundings, Quick))
        {
            var partner = await first.NewPartnerAsync();
            var filing = Task.WhenAll(Enumerable.Range(0, Half).Select(i => partner.SubmitAsync(Letter(Form, $"mail-{i}")).ResponseAsync));
            // Who counts is cut off from the database each time it has counted some more, in whatever it is doing.
            for (var counted = 0L; counted < Half;)
            {
                await Eventually.BecomesTrueAsync(async () => await CountAsync(first, "SELECT count(*) FROM fingerprints") is var now && (now > counted || now == Half));
                counted = await CountAsync(first, "SELECT count(*) FROM fingerprints");
                cut += await CountAsync(first, "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()");
            }

            await filing;
            Assert.True(cut > 0);
        }

        await using var second = await IntakeServer.StartAsync(place.Surroundings, Quick);
        var later = await second.NewPartnerAsync();
        await Task.WhenAll(Enumerable.Range(0, Half).Select(i => later.SubmitAsync(Letter(Form, $"late-{i}")).ResponseAsync));

        Assert.Equal(2 * Half, (await RaisedAsync(second, 2 * Half)).Requests);
        Assert.Equal(2 * Half, await CountAsync(second, "SELECT count(*) FROM fingerprints"));
        Assert.Equal(1, await CountAsync(second, "SELECT count(*) FROM campaigns"));
        Assert.Equal(1, await CountAsync(second, "SELECT count(DISTINCT cluster) FROM campaign_members"));
    }

    [Fact]
    public async Task Kill_9_of_the_process_that_files_and_counts_loses_and_doubles_nothing()
    {
        const int Requests = 400;
        await using var place = await Place.MakeAsync();
        await using var others = await OtherService.StartAsync(place.Surroundings.Bus, "killed-listener");
        TestPartner partner;
        await using (var before = await IntakeServer.StartAsync(place.Surroundings, Quick))
        {
            partner = await before.NewPartnerAsync();
        }

        var names = new List<string>();
        await using (var intake = IntakeProcess.Start(place.Surroundings, Quick))
        {
            var counted = 0L;
            while (names.Count < Requests)
            {
                var filing = Task.WhenAll(Enumerable.Range(names.Count, 80).Select(i => FileAsync(intake.Client, partner, Letter(Form, $"mail-{i}"))));
                await Eventually.BecomesTrueAsync(async () => await place.CountAsync("SELECT count(*) FROM fingerprints") > counted, TimeSpan.FromSeconds(90));
                await intake.KillAsync();
                intake.StartAgain();
                names.AddRange(await filing);
                counted = await place.CountAsync("SELECT count(*) FROM fingerprints");
                Assert.True(counted <= names.Count);
            }
        }

        await using var after = await IntakeServer.StartAsync(place.Surroundings, Quick);
        var campaign = await RaisedAsync(after, Requests);
        Assert.Equal(Requests, await place.CountAsync("SELECT count(*) FROM fingerprints"));
        Assert.Equal(1, await place.CountAsync("SELECT count(*) FROM campaigns"));
        Assert.Equal(names.Order(), (await ResiduesAsync(after, campaign.Name, 100)).Select(static residue => residue.Request).Order());
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<CampaignRequestsJoined>().DistinctBy(static joined => joined.EventId).Sum(static joined => joined.Requests.Count) >= Requests, TimeSpan.FromSeconds(60));
        Assert.Equal(names.Order(), Joined(others, campaign.Name).Order());
        Assert.Single(others.Heard.OfType<CampaignRaised>().DistinctBy(static raised => raised.EventId));
    }

    /// <summary>Files as a partner does: the same message again until it is answered.</summary>
    private static async Task<string> FileAsync(IntakeService.IntakeServiceClient client, TestPartner partner, SubmitRequestRequest message)
    {
        var name = "";
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                try
                {
                    name = (await client.SubmitRequestAsync(message, partner.Headers, cancellationToken: Ended)).Request.Name;
                    return true;
                }
                catch (RpcException problem) when (problem.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.DeadlineExceeded)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(90));
        return name;
    }

    private static SubmitRequestRequest Letter(string text, string reference)
    {
        var filing = Filings.Delist(text);
        (filing.Request.Language, filing.Request.PartnerReference) = ("en", reference);
        return filing;
    }

    private static async Task<Campaign> RaisedAsync(IntakeServer intake, int requests)
    {
        Campaign? found = null;
        await Eventually.BecomesTrueAsync(
            async () => (found = (await intake.Campaigns.ListCampaignsAsync(new(), Officer, cancellationToken: Ended)).Campaigns.SingleOrDefault())?.Requests == requests,
            TimeSpan.FromSeconds(60));
        return found!;
    }

    private static async Task<List<CampaignResidue>> ResiduesAsync(IntakeServer intake, string campaign, int pageSize, params string[] only)
    {
        var (all, request) = (new List<CampaignResidue>(), new ListCampaignResiduesRequest { Name = campaign, PageSize = pageSize, Requests = { only } });
        do
        {
            var page = await intake.Campaigns.ListCampaignResiduesAsync(request, Officer, cancellationToken: Ended);
            all.AddRange(page.Residues);
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return all;
    }

    /// <summary>Which requests were told to be in a campaign; every version came once and none is missing.</summary>
    private static IEnumerable<string> Joined(OtherService others, string campaign)
    {
        var told = others.Heard.OfType<CampaignRequestsJoined>().Where(joined => joined.Aggregate == campaign).DistinctBy(static joined => joined.EventId).OrderBy(static joined => joined.Version).ToList();
        Assert.Equal(Enumerable.Range(1, told.Count).Select(static version => (long)version), told.Select(static joined => joined.Version));
        return told.SelectMany(static joined => joined.Requests);
    }

    private static Task<long> CountAsync(IntakeServer intake, string sql) => intake.Database.Database.ReadAsync(tx => tx.ScalarAsync<long>(sql), Ended);

    /// <summary>A database of the test's own, for it counts everything in it.</summary>
    private sealed class Place(Surroundings surroundings) : IAsyncDisposable
    {
        public Surroundings Surroundings => surroundings;

        public Task<long> CountAsync(string sql) => surroundings.Database.Database.ReadAsync(tx => tx.ScalarAsync<long>(sql), Ended);

        public static async Task<Place> MakeAsync() =>
            new(await IntakeStack.OwnAsync(await Servers.NewBusAsync(), (await Servers.RedisAsync()).ConnectionString));

        public async ValueTask DisposeAsync()
        {
            await surroundings.Archive.DisposeAsync();
            await surroundings.Database.DisposeAsync();
        }
    }
}
