using Grpc.Core;
using Poc.Contracts.Review.V1;
using Poc.Testing;
using StackExchange.Redis;

namespace Poc.Review.Tests.Register;

public sealed class GetRegisterEntryTests(ReviewStack stack)
{
    [Fact]
    public async Task Is_silent_about_a_decision_until_the_plan_is_completed()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var signed = await @case.WithdrawnAsync();
        Assert.Equal([DesignationState.Proposed, DesignationState.Designated], await @case.SaidAsync());
        Assert.Equal([Publicity.Public, Publicity.Public, Publicity.Internal, Publicity.Embargoed],
            (await @case.SubjectAsync()).Episodes[0].History.Select(static change => change.Publicity));
        var announced = await @case.PublishAsync(signed);
        Assert.Equal(("LABEL_WITHDRAWN", signed.Dossier, @case.Subject, false), (announced.Outcome, announced.Dossier, announced.Subject, announced.LeakMode));
        var episode = (await @case.EntryAsync()).Entry.Episodes[0];
        Assert.Equal((DesignationState.LabelWithdrawn, signed.Name, "2021-02-23"),
            (episode.DesignationState, episode.History[^1].Decision, episode.History[^1].EffectiveOn));
        Assert.Equal(4, episode.History.Count);
        Assert.Equal(Publicity.Public, (await @case.Client.GetDecisionAsync(new GetDecisionRequest { Name = signed.Name }, Staff.Auditor)).Decision.Publicity);
    }

    [Fact]
    public async Task Says_what_was_said_on_a_day()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        await @case.PublishAsync(await @case.WithdrawnAsync());
        Assert.Empty(await @case.SaidAsync("2021-01-16"));
        // The withdrawal holds from 2021-02-23 and became public today: the day before, the label was what was said.
        var yesterday = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime).AddDays(-1).ToString("O");
        Assert.Equal([DesignationState.Proposed, DesignationState.Designated], await @case.SaidAsync("2021-01-17"));
        Assert.Equal([DesignationState.Proposed, DesignationState.Designated], await @case.SaidAsync(yesterday));
        Assert.Equal(DesignationState.LabelWithdrawn, (await @case.SaidAsync())[^1]);
        Assert.Equal(["as_of"], (await @case.EntryAsync("2999-01-01").RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
    }

    [Fact]
    public async Task Has_nobody_of_whom_nothing_was_said()
    {
        var @case = await Case.NewAsync(stack);
        await @case.SeatAsync(await @case.AskAsync("DESIGNATE", criteria: ["detained-for-conscience"]), "protocols/v1", "a1", "a2", "a3");
        await @case.EntryAsync().RefusedAsync(StatusCode.NotFound, "SUBJECT_NOT_FOUND");
        await @case.Client.EndDesignationAsync(
            new EndDesignationRequest
            {
                RequestId = Some.RequestId(),
                Episode = @case.Episode,
                State = DesignationState.Closed,
                EffectiveOn = "2024-02-16",
                Reason = "Released."
            }, Staff.Approver);
        await @case.EntryAsync().RefusedAsync(StatusCode.NotFound, "SUBJECT_NOT_FOUND");
    }

    [Fact]
    public async Task The_urgent_track_is_public_at_once_and_needs_a_reason_for_urgency()
    {
        var @case = await Case.NewAsync(stack);
        var dossier = await @case.AskAsync("DESIGNATE", criteria: ["detained-for-conscience"]);
        await Provisionally(@case, dossier).RefusedAsync(StatusCode.FailedPrecondition, "URGENCY_MISSING");
        dossier = await @case.AskAsync("DESIGNATE", urgent: true, criteria: ["detained-for-conscience"]);
        Assert.Equal(DesignationState.Provisional, (await Provisionally(@case, dossier)).Episode.DesignationState);
        Assert.Equal([DesignationState.Proposed, DesignationState.UnderAssessment, DesignationState.Provisional], await @case.SaidAsync());

        // The panel then decides, and the label is no longer provisional.
        var voted = await @case.VotedAsync(await @case.ReplyAsync(await @case.DossierAsync(dossier.Name)), "protocols/v1", ("a1", Choice.For),
            ("a2", Choice.For), ("a3", Choice.For));
        await @case.PublishAsync(await @case.SignedAsync((await @case.DraftAsync(voted, Some.Draft())).Decision));
        Assert.Equal(DesignationState.Designated, (await @case.SaidAsync())[^1]);
    }

    [Fact]
    public async Task A_kept_answer_is_not_given_after_something_became_public_and_redis_may_forget_everything()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        Assert.Equal(2, (await @case.SaidAsync()).Count);
        await @case.Client.EndDesignationAsync(
            new EndDesignationRequest
            {
                RequestId = Some.RequestId(),
                Episode = @case.Episode,
                State = DesignationState.Renounced,
                EffectiveOn = "2021-02-25",
                Reason = "In protest.",
                Renunciation = new Renunciation { DeclaredBy = "subject", DeclaredOn = "2021-02-25", VerifiedHow = "By the lawyer on record, called back." }
            }, Staff.Approver);
        Assert.Equal(DesignationState.Renounced, (await @case.SaidAsync())[^1]);
        await using var redis = await ConnectionMultiplexer.ConnectAsync(@case.Stack.Redis + ",allowAdmin=true");
        await redis.GetServers()[0].FlushAllDatabasesAsync();
        Assert.Equal(3, (await @case.SaidAsync()).Count);
    }

    [Fact]
    public async Task A_kept_answer_ends_also_where_whoever_wrote_could_not_say_so()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        Assert.Equal(2, (await @case.SaidAsync()).Count);
        // As by a replica that ended between its commit and Redis.
        await @case.Stack.Database.ExecuteAsync("""
            INSERT INTO designation_changes (episode, sequence, state, label, effective_on, reason, said_on, recorded_by, recorded_at)
            VALUES ($1, 3, 'CLOSED', '', '2024-02-16', 'Released.', '2024-02-16', 'staff/approver', now())
            """, @case.Episode);
        await Eventually.BecomesTrueAsync(async () => (await @case.SaidAsync()).Count == 3);
    }

    [Fact]
    public async Task Lists_page_by_page_in_the_order_of_names_without_a_credential()
    {
        var cases = new List<Case> { await Case.NewAsync(stack, designated: true), await Case.NewAsync(stack, designated: true) };
        var (names, token) = (new List<string>(), "");
        do
        {
            var page = await cases[0].Stack.Register.ListRegisterEntriesAsync(new ListRegisterEntriesRequest { PageSize = 1, PageToken = token });
            names.AddRange(page.Entries.Select(static entry => entry.Name));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.All(cases, @case => Assert.Contains(@case.Register, names));
    }

    private static AsyncUnaryCall<DesignateProvisionallyResponse> Provisionally(Case @case, Dossier dossier) => @case.Client.DesignateProvisionallyAsync(
        new DesignateProvisionallyRequest
        {
            RequestId = Some.RequestId(),
            Dossier = dossier.Name,
            EffectiveOn = "2021-01-17",
            Reason = "Arrested today.",
            Etag = dossier.Etag
        }, Staff.Approver);
}
