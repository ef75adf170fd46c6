using Grpc.Core;
using Npgsql;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Review.Ballots;
using Poc.Review.Protocols;

namespace Poc.Review.Tests.Ballots;

public sealed class CastBallotTests(ReviewStack stack)
{
    [Fact]
    public async Task Of_32_ballots_cast_at_once_exactly_one_opens_all()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        string[] panel = [.. Enumerable.Range(1, 32).Select(static number => $"r{number}")];
        var dossier = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", panel)).Dossier.Name;
        var cast = await Task.WhenAll(panel.Select(async (member, index) =>
            await @case.VoteAsync(dossier, member, index % 3 == 0 ? Choice.Against : Choice.For)));
        Assert.Single(cast, static vote => vote.Opened);
        var ballots = await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier }, Staff.Auditor);
        Assert.True(ballots.Open);
        Assert.Equal(new Tally { ForCount = 21, AgainstCount = 11, EligibleCount = 32 }, ballots.Tally);
        await @case.Stack.Others.HeardAsync<BallotsOpened>(dossier);
        Assert.Single(@case.Stack.Others.Heard.OfType<BallotsOpened>().Select(static opened => (opened.EventId, opened.Aggregate)).Distinct(), opened =>
            opened.Aggregate == dossier);
    }

    [Fact]
    public async Task Nobody_sees_anothers_vote_or_assessment_before_all_are_in()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AttachAsync(await @case.AskAsync(), @case.Statements[0]), "protocols/v1", "a1", "a2",
            "a3")).Dossier.Name;
        foreach (var member in (string[])["a1", "a2"])
        {
            await @case.AssessAsync(dossier, member, Some.Assessment(@case.Statements[0]));
            await @case.VoteAsync(dossier, member, Choice.For);
        }

        foreach (var (who, own) in new[] { (Staff.Reviewer("a1"), 1), (Staff.Reviewer("a3"), 0), (Staff.Chair, 0), (Staff.Auditor, 0) })
        {
            var ballots = await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier }, who);
            Assert.Equal((own, false, 2, null), (ballots.Ballots.Count, ballots.Open, ballots.CastCount, ballots.Tally));
            Assert.Equal(own, (await @case.Client.ListAssessmentsAsync(new ListAssessmentsRequest { Dossier = dossier }, who)).Assessments.Count);
        }

        Assert.Equal([(true, true), (true, true), (false, false)], (await @case.DossierAsync(dossier)).Panel.Select(static member =>
            (member.Assessed, member.Voted)));
        await @case.AssessAsync(dossier, "a3", Some.Assessment(@case.Statements[0]));
        Assert.True((await @case.VoteAsync(dossier, "a3", Choice.Against)).Opened);
        Assert.Equal(3, (await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier }, Staff.Auditor)).Ballots.Count);
        Assert.Equal(3, (await @case.Client.ListAssessmentsAsync(new ListAssessmentsRequest { Dossier = dossier }, Staff.Auditor)).Assessments.Count);
    }

    [Fact]
    public async Task The_readers_role_sees_no_sealed_row_even_by_a_plain_query()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3")).Dossier.Name;
        await @case.VoteAsync(dossier, "a1", Choice.For);
        const string Plain = "SELECT count(*) FROM sealed_ballots WHERE dossier = $1";
        Assert.Equal(0, await CountAsync("staff/a2"));
        Assert.Equal(1, await CountAsync("staff/a1"));
        Assert.Equal(1, await @case.Stack.Database.ScalarAsync<long>(Plain, dossier)); // it is there

        Task<long> CountAsync(string caller) => @case.Stack.Database.Database.InTransactionAsync(async tx =>
        {
            await SealedReading.AsAsync(tx, new Caller(caller, new HashSet<string>()));
            return await tx.ScalarAsync<long>(Plain, dossier);
        }, CancellationToken.None);
    }

    [Fact]
    public async Task Needs_an_assessment_of_every_statement_and_a_seat_on_the_panel_and_is_cast_once()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AttachAsync(await @case.AskAsync(), [.. @case.Statements]), "protocols/v1", "a1", "a2",
            "a3")).Dossier.Name;
        await @case.AssessAsync(dossier, "a1", Some.Assessment(@case.Statements[0]));
        var refusal = await @case.VoteAsync(dossier, "a1", Choice.For).RefusedAsync(StatusCode.FailedPrecondition, "ASSESSMENT_MISSING");
        Assert.Equal(@case.Statements[1], refusal.Info().Metadata["statements"]);
        await @case.AssessAsync(dossier, "a1", Some.Assessment(@case.Statements[1]));
        await @case.AssessAsync(dossier, "a1", Some.Assessment(@case.Statements[1])).RefusedAsync(StatusCode.AlreadyExists, "ASSESSMENT_ALREADY_CAST");
        await @case.VoteAsync(dossier, "a1", Choice.For);
        await @case.VoteAsync(dossier, "a1", Choice.Against).RefusedAsync(StatusCode.AlreadyExists, "BALLOT_ALREADY_CAST");
        await @case.VoteAsync(dossier, "outsider", Choice.For).RefusedAsync(StatusCode.PermissionDenied, "NOT_ON_PANEL");
        await @case.AssessAsync(dossier, "outsider", Some.Assessment(@case.Statements[0])).RefusedAsync(StatusCode.PermissionDenied, "NOT_ON_PANEL");
    }

    [Fact]
    public async Task Not_retracted_needs_the_name_of_a_search_record_of_that_statement()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AttachAsync(await @case.AskAsync(), @case.Statements[0]), "protocols/v1", "a1", "a2",
            "a3")).Dossier.Name;
        foreach (var record in (string[])["", $"{@case.Statements[1]}/retractionEntries/e1"])
        {
            var refusal = await @case.AssessAsync(dossier, "a1", Some.Assessment(@case.Statements[0], RetractionJudgement.NotRetracted,
                record)).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
            Assert.Contains("assessment.search_record", refusal.WrongFields());
        }
    }

    [Fact]
    public async Task What_was_cast_cannot_be_changed_in_the_database_either()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3")).Dossier.Name;
        await @case.VoteAsync(dossier, "a1", Choice.For);
        foreach (var sql in (string[])["UPDATE sealed_ballots SET sealed = '' WHERE dossier = $1", "DELETE FROM sealed_ballots WHERE dossier = $1"])
        {
            var refused = await Assert.ThrowsAsync<PostgresException>(() => @case.Stack.Database.ExecuteAsync(sql, dossier));
            Assert.Equal("sealed_ballots is append-only", refused.MessageText);
        }
    }

    [Fact]
    public async Task Is_too_late_after_the_term_and_the_chair_opens_what_is_in()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var seated = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3", "a4")).Dossier;
        foreach (var member in (string[])["a1", "a2"])
        {
            await @case.VoteAsync(seated.Name, member, Choice.For);
        }

        await Open(@case, seated).RefusedAsync(StatusCode.FailedPrecondition, "TERM_RUNNING");
        var later = new Later(TimeSpan.FromDays(14));
        var (writes, shelf, opening) = (@case.Stack.Service<IdempotentWrites>(), @case.Stack.Service<ProtocolShelf>(), @case.Stack.Service<RoundOpening>());
        var open = new OpenBallots(writes, shelf, opening, later);
        var chair = new Caller("staff/chair-a", new HashSet<string> { Roles.PanelChair });
        var request = new OpenBallotsRequest { RequestId = Some.RequestId(), Dossier = seated.Name, Etag = seated.Etag };
        Assert.Equal("QUORUM_MISSING", (await Assert.ThrowsAsync<RpcError>(() => open.HandleAsync(request, chair, CancellationToken.None))).Reason);

        await @case.VoteAsync(seated.Name, "a3", Choice.For);
        var late = new CastBallot(@case.Stack.Database.Database, writes, shelf, @case.Stack.Service<RoundKeys>(), opening, later);
        var ballot = new CastBallotRequest
        {
            RequestId = Some.RequestId(),
            Dossier = seated.Name,
            Ballot = new Ballot { Choice = Choice.For, Reason = "Late." }
        };
        var refusal = await Assert.ThrowsAsync<RpcError>(() => late.HandleAsync(ballot, new Caller("staff/a4", new HashSet<string> { Roles.Reviewer }),
            CancellationToken.None));
        Assert.Equal("VOTING_CLOSED", refusal.Reason);
        Assert.Equal(Dossier.Types.State.BallotsOpen, (await open.HandleAsync(request, chair, CancellationToken.None)).Dossier.State);
    }

    private static AsyncUnaryCall<OpenBallotsResponse> Open(Case @case, Dossier dossier) =>
        @case.Client.OpenBallotsAsync(new OpenBallotsRequest { RequestId = Some.RequestId(), Dossier = dossier.Name, Etag = dossier.Etag }, Staff.Chair);

    private sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
