using Poc.Contracts.Events;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Postgres;
using Poc.Review.Consumers;
using Poc.Review.Dossiers;
using static Poc.Contracts.Review.V1.CampaignChange.Types;

namespace Poc.Review.Tests.Dossiers;

public sealed class NoteCampaignTests(ReviewStack stack)
{
    private static int _numbers;

    [Fact]
    public async Task A_campaign_is_one_entry_under_which_requests_move_that_were_gathered_before()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var (before, alone, after) = (Some.Received(@case.Subject), Some.Received(@case.Subject), Some.Received(@case.Subject));
        var dossier = await GatherAsync(@case, before, alone);
        var gathered = await @case.DossierAsync(dossier);
        Assert.Equal([("", before.Aggregate), ("", alone.Aggregate)], gathered.Entries.Select(static entry => (entry.Campaign, Assert.Single(entry.Requests))));

        var campaign = NewCampaign();
        await @case.Stack.Others.SayAsync(Raised(campaign, @case.Subject), Joined(campaign, 1, before.Aggregate));
        await Eventually(@case, dossier, static one => one.Entries[0].History.Count == 1 && one.Entries[0].Requests.Count == 1);
        await @case.Stack.Others.SayAsync(Joined(campaign, 2, after.Aggregate));
        await GatherAsync(@case, after);
        var shown = await Eventually(@case, dossier, static one => one.Entries[0].Requests.Count == 2);

        Assert.Equal([campaign, ""], shown.Entries.Select(static entry => entry.Campaign));
        Assert.Equal([before.Aggregate, after.Aggregate], shown.Entries[0].Requests);
        Assert.Equal([alone.Aggregate], shown.Entries[1].Requests);
        var moved = shown.Requests.Single(request => request.Request == before.Aggregate);
        Assert.True(moved.CampaignJoinedAt > moved.GatheredAt, "it lay by itself first, and that can be seen");
        Assert.Equal((campaign, ""), (moved.Campaign, shown.Requests.Single(request => request.Request == alone.Aggregate).Campaign));
        Assert.Equal(gathered.Etag, shown.Etag);
    }

    [Fact]
    public async Task What_persons_say_of_a_campaign_changes_its_label_and_history_and_no_merits()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var request = Some.Received(@case.Subject, cites: [@case.Statements[0]]);
        var dossier = await GatherAsync(@case, request);
        var campaign = NewCampaign();
        await @case.Stack.Others.SayAsync(Raised(campaign, @case.Subject), Joined(campaign, 1, request.Aggregate));
        var raised = await Eventually(@case, dossier, static one => one.Entries[0].History.Count == 1);
        await @case.Stack.Others.SayAsync(Classified(campaign, 1, "SUSPECTED"), Contested(campaign, 1), Classified(campaign, 2, "SHARED_REACTION"), Contested(campaign, 2));
        var shown = await Eventually(@case, dossier, static one => one.Entries[0].History.Count == 5);

        var entry = Assert.Single(shown.Entries);
        Assert.Equal((campaign, "SHARED_REACTION", true), (entry.Campaign, entry.Classification, entry.Contested));
        Assert.Equal(["SUSPECTED", "SHARED_REACTION"], entry.History.Where(static change => change.Kind == Kind.Classified).Select(static change => change.Classification));
        Assert.Equal(("", false), (raised.Entries[0].Classification, raised.Entries[0].Contested));
        // All but the entry's label is as it was: state, requests, what they cite, etag.
        raised.Entries.Clear();
        shown.Entries.Clear();
        Assert.Equal(raised, shown);
    }

    /// <summary>
    /// All that is told of three campaigns of which two are one, with the requests themselves, in any order and any of it several times: the dossier is the
    /// same in the end.
    /// </summary>
    [Fact]
    public async Task The_order_in_which_news_comes_and_its_repetitions_change_nothing()
    {
        var expected = (string?)null;
        for (uint seed = 1; seed <= 12; seed++)
        {
            var @case = await Case.NewAsync(stack, designated: true);
            var requests = Enumerable.Range(0, 8).Select(i => Some.Received(@case.Subject) with { OccurredAt = TimeProvider.System.GetUtcNow().AddSeconds(i) }).ToList();
            var (a, b, c) = (NewCampaign(), NewCampaign(), NewCampaign());
            string[] names = [.. requests.Select(static request => request.Aggregate)];
            var at = new DateTimeOffset(2021, 1, 20, 12, 0, 0, TimeSpan.Zero);
            IEvent[] news =
            [
                .. requests,
                Raised(a, @case.Subject) with { OccurredAt = at }, Raised(b, @case.Subject) with { OccurredAt = at.AddMinutes(1) }, Raised(c, @case.Subject) with { OccurredAt = at.AddMinutes(2) },
                Joined(a, 1, names[0], names[1]), Joined(a, 2, names[4]), Joined(b, 1, names[2]), Joined(b, 2, names[3]), Joined(c, 1, names[6]),
                Classified(a, 1, "UNDETERMINED") with { OccurredAt = at.AddMinutes(3) }, Classified(a, 2, "SUSPECTED") with { OccurredAt = at.AddMinutes(4) },
                Classified(b, 1, "SHARED_REACTION") with { OccurredAt = at.AddMinutes(5) }, Contested(b, 1) with { OccurredAt = at.AddMinutes(6) },
                Merged(b, a) with { OccurredAt = at.AddMinutes(7) }, Contested(c, 1) with { OccurredAt = at.AddMinutes(8) },
            ];
            var random = new Random((int)seed);
            IEvent[] repeated = [.. news, .. news.Where(_ => random.Next(3) == 0), .. news.Where(_ => random.Next(5) == 0)];
            random.Shuffle(repeated);
            await Parallel.ForEachAsync(repeated, new ParallelOptions { MaxDegreeOfParallelism = 6 }, (one, cancellation) => new ValueTask(ApplyAsync(@case.Stack, one, cancellation)));

            var dossier = Assert.Single((await @case.Client.ListDossiersAsync(new ListDossiersRequest { Subject = @case.Subject }, Staff.Auditor)).Dossiers).Name;
            var shown = string.Join('\n', (await @case.DossierAsync(dossier)).Entries.Select(entry =>
                $"{Anonymous(entry.Campaign)}/{entry.Classification}/{entry.Contested} [{string.Join(' ', entry.Requests.Select(request => Array.IndexOf(names, request)))}]"
                + string.Concat(entry.History.Select(change => $" {Anonymous(change.Campaign)}:{change.Kind}:{change.Classification}{Anonymous(change.MergedInto)}"))));
            expected ??= shown;
            Assert.Equal(expected, shown);

            string Anonymous(string campaign) => campaign == a ? "a" : campaign == b ? "b" : campaign == c ? "c" : "";
        }

        Assert.Equal(
            """
            a/SUSPECTED/True [0 1 2 3 4] a:Raised: b:Raised: a:Classified:UNDETERMINED a:Classified:SUSPECTED b:Classified:SHARED_REACTION b:Contested: b:Merged:a
            //False [5]
            c//True [6] c:Raised: c:Contested:
            //False [7]
            """.ReplaceLineEndings("\n"),
            expected);
    }

    [Fact]
    public async Task What_was_told_of_a_campaign_is_not_edited()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var campaign = NewCampaign();
        await ApplyAsync(@case.Stack, Joined(campaign, 1, $"partners/x/requests/{Guid.CreateVersion7()}"), CancellationToken.None);
        await ApplyAsync(@case.Stack, Contested(campaign, 1), CancellationToken.None);
        foreach (var change in (string[])["DELETE FROM campaign_requests", "UPDATE campaign_changes SET said_by = 'staff/other'", "TRUNCATE campaign_changes"])
        {
            Assert.Equal("23001", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => @case.Stack.Database.ExecuteAsync(change))).SqlState);
        }
    }

    private static string NewCampaign() => $"campaigns/{100 + Interlocked.Increment(ref _numbers)}";

    private static async Task<string> GatherAsync(Case @case, params RequestReceived[] requests)
    {
        await @case.Stack.Others.SayAsync([.. requests]);
        var dossier = "";
        foreach (var request in requests)
        {
            dossier = (await @case.Stack.Others.HeardAsync<AdmissibilityDecided>(request.Aggregate)).Dossier!;
        }

        return dossier;
    }

    private static async Task<Dossier> Eventually(Case @case, string dossier, Func<Dossier, bool> holds)
    {
        var shown = new Dossier();
        await Testing.Eventually.BecomesTrueAsync(async () => holds(shown = await @case.DossierAsync(dossier)));
        return shown;
    }

    private static Task ApplyAsync(Running running, IEvent news, CancellationToken cancellation)
    {
        var (inbox, note) = (running.Service<Inbox>(), running.Service<NoteCampaign>());
        return news switch
        {
            RequestReceived one => inbox.ApplyAsync(one, nameof(RequestReceivedConsumer), running.Service<AdmitRequest>().HandleAsync, cancellation),
            CampaignRaised one => inbox.ApplyAsync(one, nameof(CampaignRaisedConsumer), note.HandleAsync, cancellation),
            CampaignRequestsJoined one => inbox.ApplyAsync(one, nameof(CampaignRequestsJoinedConsumer), note.HandleAsync, cancellation),
            CampaignMerged one => inbox.ApplyAsync(one, nameof(CampaignMergedConsumer), note.HandleAsync, cancellation),
            CampaignClassified one => inbox.ApplyAsync(one, nameof(CampaignClassifiedConsumer), note.HandleAsync, cancellation),
            CampaignContested one => inbox.ApplyAsync(one, nameof(CampaignContestedConsumer), note.HandleAsync, cancellation),
            _ => throw new ArgumentOutOfRangeException(nameof(news)),
        };
    }

    private static CampaignRaised Raised(string campaign, string subject) =>
        new(Guid.CreateVersion7(), campaign, 1, Now(), [subject], 412, 14, Now(), Now(), "requests-1");

    private static CampaignRequestsJoined Joined(string campaign, long version, params string[] requests) => new(Guid.CreateVersion7(), campaign, version, Now(), requests);

    private static CampaignMerged Merged(string campaign, string into) => new(Guid.CreateVersion7(), campaign, 1, Now(), into);

    private static CampaignClassified Classified(string campaign, long version, string what) => new(Guid.CreateVersion7(), campaign, version, Now(), what, "staff/officer");

    private static CampaignContested Contested(string campaign, long version) => new(Guid.CreateVersion7(), campaign, version, Now(), []);

    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow();
}
