using Grpc.Core;
using Grpc.Net.Client;
using Poc.Contracts.Review.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.LocalHost.Processes;

namespace Poc.Review.Tests.Decisions;

public sealed class DraftDecisionTests(ReviewStack stack)
{
    [Fact]
    public async Task Refuses_an_unspecified_statement_with_and_without_words()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        const string Report = "Discriminatory statements are reported; nobody specifies them.";
        var s3 = await @case.Stack.Archive.RecordAsync(@case.Subject, "s3", Report, ContentKind.UnspecifiedReport);
        var voted = await @case.VotedToDelistAsync();
        var without = await @case.DraftAsync(voted, Some.Draft(new Citation { Statement = s3 })).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        Assert.Equal(["decision.citations[0].span"], without.WrongFields());

        var draft = @case.Draft();
        draft.Citations.Add(Some.Citation(s3, Report, "Discriminatory statements"));
        var with = await @case.DraftAsync(voted, draft).RefusedAsync(StatusCode.FailedPrecondition, "CITATION_REFUSED");
        Assert.Equal((s3, "2", "NOT_SPECIFIC"), (with.Info().Metadata["statement"], with.Info().Metadata["citation"], with.Info().Metadata["verdict"]));
        Assert.Equal("", (await @case.DossierAsync(voted.Name)).Decision);
    }

    [Fact]
    public async Task Refuses_words_that_do_not_stand_there()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var citation = Some.Citation(@case.Statements[0], Case.Text1, "people");
        citation.Span.Text.Exact = "nobody";
        var refusal = await @case.DraftAsync(await @case.VotedToDelistAsync(), Some.Draft(citation)).RefusedAsync(StatusCode.FailedPrecondition,
            "CITATION_REFUSED");
        Assert.Equal("SPAN_MISMATCH", refusal.Info().Metadata["verdict"]);
    }

    [Fact]
    public async Task Needs_open_ballots_and_the_right_of_reply_on_record()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var seated = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", "a1", "a2", "a3")).Dossier;
        await @case.DraftAsync(seated, Some.Draft()).RefusedAsync(StatusCode.FailedPrecondition, "BALLOTS_SEALED");
        foreach (var member in (string[])["a1", "a2", "a3"])
        {
            await @case.VoteAsync(seated.Name, member, Choice.For);
        }

        var open = await @case.DossierAsync(seated.Name);
        await @case.DraftAsync(open, Some.Draft()).RefusedAsync(StatusCode.FailedPrecondition, "RIGHT_OF_REPLY_MISSING");
        Assert.Equal(Outcome.LabelWithdrawn, (await @case.DraftAsync(await @case.ReplyAsync(open), Some.Draft())).Decision.Outcome);
    }

    [Fact]
    public async Task A_departure_says_why_and_a_precedent_exists()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var id = Some.Id("precedent");
        await @case.Client.RecordPrecedentAsync(
            new RecordPrecedentRequest
            {
                RequestId = Some.RequestId(),
                PrecedentId = id,
                Precedent = new Precedent
                {
                    Title = "Label not given (1964)",
                    Decided = new UncertainDate { Earliest = "1964-01-01", Precision = DatePrecision.Year },
                    Outcome = Outcome.Declined,
                    Summary = "Advocacy continued.",
                    Criteria = { "advocacy-of-violence" },
                },
            },
            Staff.Approver);
        var voted = await @case.VotedToDelistAsync();
        var draft = @case.Draft();
        draft.Precedents.Add(new PrecedentComparison { Precedent = $"precedents/{id}", Departs = true });
        await @case.DraftAsync(voted, draft).RefusedAsync(StatusCode.FailedPrecondition, "DEPARTURE_UNEXPLAINED");
        draft.Precedents[0].Because = "Treated differently because the words differ.";
        draft.Precedents.Add(new PrecedentComparison { Precedent = "precedents/none-such" });
        await @case.DraftAsync(voted, draft).RefusedAsync(StatusCode.NotFound, "PRECEDENT_NOT_FOUND");
        draft.Precedents.RemoveAt(1);
        Assert.Equal(draft.Precedents, (await @case.DraftAsync(voted, draft)).Decision.Precedents);
    }

    [Fact]
    public async Task Nobody_chooses_the_outcome_and_what_must_be_said_is_said()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var voted = await @case.VotedAsync(await @case.ReplyAsync(await @case.AskAsync()), "protocols/v1", ("a1", Choice.For), ("a2", Choice.Against),
            ("a3", Choice.Abstain));
        var blank = await @case.DraftAsync(voted, new Decision { EffectiveOn = "2999-01-01" }).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        Assert.Equal(["decision.reasons", "decision.pressure_disclosure", "decision.harm_forecast", "decision.effective_on"], blank.WrongFields());
        var draft = Some.Draft();
        (draft.Outcome, draft.Tally) = (Outcome.LabelWithdrawn, new Tally { ForCount = 99 });
        var drafted = (await @case.DraftAsync(voted, draft)).Decision;
        Assert.Equal((Outcome.Maintained, 1), (drafted.Outcome, drafted.Tally.ForCount)); // a tie
    }

    [Fact]
    public async Task A_further_draft_replaces_the_first_until_somebody_signed()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var first = (await @case.DraftAsync(await @case.VotedToDelistAsync(), @case.Draft())).Decision;
        var better = @case.Draft();
        better.Reasons = "Better reasons.";
        var second = (await @case.DraftAsync(await @case.DossierAsync(first.Dossier), better)).Decision;
        Assert.Equal((first.Name, "Better reasons."), (second.Name, second.Reasons));
        await @case.SignAsync(first, Staff.Chair).RefusedAsync(StatusCode.Aborted, "ETAG_MISMATCH");
        await @case.SignAsync(second, Staff.Chair);
        await @case.DraftAsync(await @case.DossierAsync(first.Dossier), better).RefusedAsync(StatusCode.FailedPrecondition, "ILLEGAL_TRANSITION");
    }

    [Fact]
    public async Task Says_so_when_the_archive_does_not_answer_and_takes_the_same_request_later()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var voted = await @case.VotedToDelistAsync();
        var request = new DraftDecisionRequest { RequestId = Some.RequestId(), Dossier = voted.Name, Decision = @case.Draft(), Etag = voted.Etag };
        var (cutOff, address) = await stack.ReplicaAsync($"http://127.0.0.1:{LoopbackPorts.Take()}");
        await using (cutOff)
        {
            using var channel = GrpcChannel.ForAddress(address);
            var refusal = await new ReviewService.ReviewServiceClient(channel).DraftDecisionAsync(request, Staff.Chair).RefusedAsync(StatusCode.Unavailable,
                "ARCHIVE_UNAVAILABLE");
            Assert.Contains(refusal.Trailers, static trailer => trailer.Key == "grpc-retry-pushback-ms");
            await cutOff.StopAsync();
        }

        Assert.Equal(Dossier.Types.State.BallotsOpen, (await @case.DossierAsync(voted.Name)).State);
        Assert.Equal(Outcome.LabelWithdrawn, (await @case.Client.DraftDecisionAsync(request, Staff.Chair)).Decision.Outcome);
    }
}
