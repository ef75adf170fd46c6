using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Dossiers;
using Poc.Testing;

namespace Poc.Review.Tests.Dossiers;

public sealed class AdmitRequestTests(ReviewStack stack)
{
    [Fact]
    public async Task A_burst_of_412_requests_that_arrive_at_once_is_one_dossier()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var burst = Enumerable.Range(0, 412).Select(i => Some.Received(@case.Subject, textSha256: $"wording-{i % 9}", partner: $"partners/section-{i % 14}",
            cites: i % 3 == 0 ? [@case.Statements[0]] : [])).ToList();
        var inbox = @case.Stack.Service<Inbox>();
        var slice = @case.Stack.Service<AdmitRequest>();
        await Parallel.ForEachAsync(burst, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (received, cancellation) =>
            await inbox.ApplyAsync(received, "RequestReceivedConsumer", slice.HandleAsync, cancellation));

        var dossier = Assert.Single((await @case.Client.ListDossiersAsync(new ListDossiersRequest { Subject = @case.Subject }, Staff.Auditor)).Dossiers);
        Assert.Empty(dossier.Requests);
        var requests = (await @case.DossierAsync(dossier.Name)).Requests;
        Assert.Equal(burst.Select(static received => received.Aggregate).Order(), requests.Select(static request => request.Request).Order());
        Assert.Equal(Enumerable.Range(1, 9), requests.Select(static request => request.SameTextGroup).Distinct().Order());
        Assert.All(requests.GroupBy(static request => request.SameTextGroup), static group => Assert.InRange(group.Count(), 45, 46));
        await @case.Stack.Others.HeardAsync<DossierOpened>(dossier.Name);
    }

    [Fact]
    public async Task A_redelivered_request_is_judged_once()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var received = Some.Received(@case.Subject);
        await @case.Stack.Others.SayAsync(received);
        var judged = await @case.Stack.Others.HeardAsync<AdmissibilityDecided>(received.Aggregate);
        var slice = @case.Stack.Service<AdmitRequest>();
        await @case.Stack.Service<Inbox>().ApplyAsync(received, "RequestReceivedConsumer", slice.HandleAsync, CancellationToken.None);
        Assert.Single((await @case.DossierAsync(judged.Dossier!)).Requests);
    }

    [Theory]
    [InlineData("DELIST", "detained-for-conscience", "ADDRESSES_NO_CRITERION")]
    [InlineData("DELIST", "weather", "ADDRESSES_NO_CRITERION")]
    [InlineData("EVIDENCE", "advocacy-of-violence", "NO_OPEN_REVIEW")]
    public async Task An_inadmissible_request_is_told_the_reason(string kind, string criterion, string reason)
    {
        var @case = await Case.NewAsync(stack, designated: true);
        await RefusesAsync(@case, Some.Received(@case.Subject, kind, [criterion]), reason);
    }

    [Fact]
    public async Task Somebody_not_on_record_has_no_dossier()
    {
        var @case = await Case.NewAsync(stack);
        await RefusesAsync(@case, Some.Received("subjects/nobody-at-all"), "SUBJECT_UNKNOWN");
    }

    [Fact]
    public async Task A_described_person_is_judged_when_staff_said_who_it_is()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var described = Some.Received(@case.Subject) with { Subject = null };
        var nobody = Some.Received(@case.Subject) with { Subject = null };
        await @case.Stack.Others.SayAsync(described, nobody, Confirmed(nobody, null));
        Assert.Equal("SUBJECT_UNKNOWN", (await @case.Stack.Others.HeardAsync<AdmissibilityDecided>(nobody.Aggregate)).ReasonCode);
        Assert.Equal(0, await @case.Stack.Database.ScalarAsync<long>("SELECT count(*) FROM requests WHERE name = $1", described.Aggregate));

        await @case.Stack.Others.SayAsync(Confirmed(described, @case.Subject));
        var judged = await @case.Stack.Others.HeardAsync<AdmissibilityDecided>(described.Aggregate);
        Assert.True(judged.Admissible);
        Assert.Equal(described.OccurredAt.ToUnixTimeSeconds(), await @case.Stack.Database.ScalarAsync<long>("SELECT extract(epoch FROM date_trunc('second', received_at))::bigint FROM requests WHERE name = $1", described.Aggregate));

        static RequestSubjectConfirmed Confirmed(RequestReceived received, string? subject) => new(
            Guid.CreateVersion7(), received.Aggregate, 1, TimeProvider.System.GetUtcNow(), subject, received.OccurredAt, received.Partner, received.Kind, received.CitedStatements,
            received.Criteria, received.Relation, received.Urgent, received.Language, received.TextSha256);
    }

    [Fact]
    public async Task Evidence_joins_what_gathers()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var gathering = await @case.AskAsync();
        Assert.Equal(gathering.Name, (await @case.AskAsync("EVIDENCE")).Name);
    }

    [Fact]
    public async Task A_repeat_after_the_panel_is_seated_needs_new_material()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = await @case.AttachAsync(await @case.AskAsync(cites: [@case.Statements[0]]), @case.Statements[1]);
        await @case.SeatAsync(dossier, "protocols/v1", "a1", "a2", "a3");

        // Cited before, and attached before: nothing new.
        await RefusesAsync(@case, Some.Received(@case.Subject, cites: [@case.Statements[0], @case.Statements[1]]), "REPEAT_WITHOUT_NEW_MATERIAL");
        var second = await @case.AskAsync(cites: [$"{@case.Subject}/statements/s9"]);
        Assert.NotEqual(dossier.Name, second.Name);
        Assert.Equal(second.Name, (await @case.AskAsync()).Name);
    }

    [Fact]
    public async Task A_request_that_comes_while_the_panel_is_being_seated_waits_and_does_not_join()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = await @case.AskAsync();
        var (seated, committed) = (new TaskCompletionSource(), new TaskCompletionSource());
        var seating = @case.Stack.Database.Database.InTransactionAsync(async tx =>
        {
            await tx.ExecuteAsync("UPDATE dossiers SET state = 'VOTING', protocol = 1, voting_ends_at = now() WHERE name = $1", dossier.Name);
            seated.SetResult();
            await committed.Task;
        }, CancellationToken.None);
        await seated.Task;

        var received = Some.Received(@case.Subject);
        await @case.Stack.Others.SayAsync(received);
        const string Waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%FOR SHARE%'";
        await Eventually.BecomesTrueAsync(async () => await @case.Stack.Database.ScalarAsync<long>(Waiting) > 0);
        committed.SetResult();
        await seating;
        Assert.Equal("REPEAT_WITHOUT_NEW_MATERIAL", (await @case.Stack.Others.HeardAsync<AdmissibilityDecided>(received.Aggregate)).ReasonCode);
        Assert.Single((await @case.DossierAsync(dossier.Name)).Requests);
    }

    [Fact]
    public async Task A_withdrawal_that_overtakes_its_request_marks_it_all_the_same()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var received = Some.Received(@case.Subject);
        await @case.Stack.Others.SayAsync(new RequestWithdrawn(Guid.CreateVersion7(), received.Aggregate, 1, TimeProvider.System.GetUtcNow(),
            "partners/section-1/requests/other"));
        await @case.Stack.Others.SayAsync(received);
        var judged = await @case.Stack.Others.HeardAsync<AdmissibilityDecided>(received.Aggregate);
        await Eventually.BecomesTrueAsync(async () => (await @case.DossierAsync(judged.Dossier!)).Requests.Single().Withdrawn);
    }

    [Fact]
    public async Task An_amplification_event_stands_on_the_pressure_page()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = await @case.AskAsync();
        var name = $"amplificationEvents/{Guid.CreateVersion7()}";
        await @case.Stack.Others.SayAsync(new AmplificationEventRecorded(Guid.CreateVersion7(), name, 1, TimeProvider.System.GetUtcNow(), @case.Subject,
            new DateOnly(2021, 1, 19), null));
        await Eventually.BecomesTrueAsync(async () => (await @case.DossierAsync(dossier.Name)).AmplificationEvents.Contains(name));
        Assert.Equal(dossier.Etag, (await @case.DossierAsync(dossier.Name)).Etag);
    }

    private static async Task RefusesAsync(Case @case, RequestReceived received, string reason)
    {
        await @case.Stack.Others.SayAsync(received);
        var judged = await @case.Stack.Others.HeardAsync<AdmissibilityDecided>(received.Aggregate);
        Assert.Equal((false, null, reason), (judged.Admissible, judged.Dossier, judged.ReasonCode));
        Assert.NotEmpty(judged.Detail);
    }
}
