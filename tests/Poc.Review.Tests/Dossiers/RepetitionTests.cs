using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Intake.V1;
using Poc.Contracts.Review.V1;
using Poc.Postgres;
using Poc.Review.Consumers;
using Poc.Review.Dossiers;
using Poc.Testing;

namespace Poc.Review.Tests.Dossiers;

/// <summary>Requests whose question was taken up before: what Intake says of them, and what becomes of them.</summary>
public sealed class RepetitionTests(ReviewStack stack)
{
    [Fact]
    public async Task A_repeat_without_material_is_told_what_it_repeats_and_nothing_of_others()
    {
        var (@case, earlier) = await SeatedAsync();
        var own = $"partners/section-1/requests/{Guid.CreateVersion7()}";
        var others = $"partners/section-9/requests/{Guid.CreateVersion7()}";
        var request = Some.Received(@case.Subject, cites: [@case.Statements[0]]);
        @case.Stack.Intake.Repetitions[request.Aggregate] = new Repetition
        {
            EarlierRequests = { others, own },
            SameText = false,
            NewLinks = { "https://example.org/1", "https://example.org/2" },
            Residue = { new TextPassage { Start = 3, End = 9, Text = "canary" } },
        };

        var judged = await JudgedAsync(@case, request);

        Assert.Equal((false, "REPEAT_WITHOUT_NEW_MATERIAL"), (judged.Admissible, judged.ReasonCode));
        Assert.Contains($"It repeats your {own}.", judged.Detail, StringComparison.Ordinal);
        Assert.Contains("New in it, and no such material: 1 passage of text, 2 links.", judged.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("section-9", judged.Detail, StringComparison.Ordinal);
        var kept = await @case.Stack.Database.ScalarAsync<string>("SELECT repetition::text FROM requests WHERE name = $1", request.Aggregate);
        Assert.Contains(earlier, kept, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", kept, StringComparison.Ordinal); // the words stay with Intake
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task New_material_opens_a_review_that_shows_what_is_new(bool statement)
    {
        var (@case, earlier) = await SeatedAsync();
        var before = $"partners/section-1/requests/{Guid.CreateVersion7()}";
        var (fresh, attachment) = ($"{@case.Subject}/statements/s9", $"partners/section-1/attachments/{Guid.CreateVersion7()}");
        var request = Some.Received(@case.Subject, cites: statement ? [@case.Statements[0], fresh] : [@case.Statements[0]]);
        @case.Stack.Intake.Repetitions[request.Aggregate] = new Repetition
        {
            EarlierRequests = { before },
            SameText = true,
            NewAttachments = { statement ? [] : [attachment] },
            Residue = { new TextPassage { Start = 3, End = 9, Text = "words" } },
        };

        var judged = await JudgedAsync(@case, request);

        Assert.True(judged.Admissible, judged.ReasonCode);
        var repetition = Assert.Single((await @case.DossierAsync(judged.Dossier!)).Requests).Repetition;
        Assert.Equal(
            new RequestRepetition
            {
                EarlierDossiers = { earlier },
                EarlierRequests = { before },
                SameText = true,
                NewStatements = { statement ? [fresh] : [] },
                NewAttachments = { statement ? [] : [attachment] },
                NewPassages = { new RequestRepetition.Types.Passage { Start = 3, End = 9 } },
            },
            repetition);
    }

    [Fact]
    public async Task A_request_waits_while_Intake_is_away_and_is_judged_once_when_it_is_back()
    {
        var (@case, _) = await SeatedAsync();
        var (old, fresh) = (Some.Received(@case.Subject), Some.Received(@case.Subject));
        @case.Stack.Intake.Repetitions[fresh.Aggregate] = new Repetition { NewAttachments = { $"partners/section-1/attachments/{Guid.CreateVersion7()}" } };
        foreach (var request in (RequestReceived[])[old, fresh])
        {
            @case.Stack.Intake.Away[request.Aggregate] = true;
            await @case.Stack.Others.SayAsync(request);
            await Eventually.BecomesTrueAsync(
                async () => await @case.Stack.Database.ScalarAsync<long>("SELECT count(*) FROM waiting_requests WHERE request = $1 AND attempts > 1", request.Aggregate) == 1);
        }

        // Neither way, and what is about somebody else goes on.
        Assert.Equal(0, await @case.Stack.Database.ScalarAsync<long>("SELECT count(*) FROM requests WHERE name = ANY($1)", (object)new[] { old.Aggregate, fresh.Aggregate }));
        Assert.DoesNotContain(@case.Stack.Others.Heard.OfType<AdmissibilityDecided>(), decided => decided.Aggregate == old.Aggregate || decided.Aggregate == fresh.Aggregate);
        await (await Case.NewAsync(stack, designated: true)).AskAsync();

        foreach (var request in (RequestReceived[])[fresh, old])
        {
            @case.Stack.Intake.Away.TryRemove(request.Aggregate, out _);
        }

        Assert.True((await @case.Stack.Others.HeardAsync<AdmissibilityDecided>(fresh.Aggregate)).Admissible);
        var judged = await @case.Stack.Others.HeardAsync<AdmissibilityDecided>(old.Aggregate);
        // The one that brought something opened a review, which the other joins if it comes later.
        Assert.True(judged.Admissible || judged.ReasonCode == "REPEAT_WITHOUT_NEW_MATERIAL");
        await Eventually.BecomesTrueAsync(async () => await @case.Stack.Database.ScalarAsync<long>("SELECT count(*) FROM waiting_requests WHERE request = ANY($1)", (object)new[] { old.Aggregate, fresh.Aggregate }) == 0);
        Assert.Equal(2, await @case.Stack.Database.ScalarAsync<long>("SELECT count(*) FROM requests WHERE name = ANY($1)", (object)new[] { old.Aggregate, fresh.Aggregate }));
    }

    [Fact]
    public async Task A_request_that_Intake_does_not_know_is_not_judged()
    {
        var (@case, _) = await SeatedAsync();
        var request = Some.Received(@case.Subject);
        @case.Stack.Intake.Unknown[request.Aggregate] = true;
        var refused = await Assert.ThrowsAsync<RpcException>(() => @case.Stack.Service<Inbox>().ApplyAsync(
            request, nameof(RequestReceivedConsumer), @case.Stack.Service<AdmitRequest>().HandleAsync, CancellationToken.None));
        Assert.Equal(StatusCode.NotFound, refused.StatusCode);
        Assert.Equal(0, await @case.Stack.Database.ScalarAsync<long>("SELECT count(*) FROM requests WHERE name = $1", request.Aggregate));
    }

    [Fact]
    public async Task A_first_request_and_one_that_joins_what_gathers_are_judged_without_Intake()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var (first, second) = (Some.Received(@case.Subject), Some.Received(@case.Subject));
        @case.Stack.Intake.Away[first.Aggregate] = @case.Stack.Intake.Away[second.Aggregate] = true;
        Assert.True((await JudgedAsync(@case, first)).Admissible);
        Assert.True((await JudgedAsync(@case, second)).Admissible);
        Assert.False(@case.Stack.Intake.Asked.ContainsKey(first.Aggregate) || @case.Stack.Intake.Asked.ContainsKey(second.Aggregate));
    }

    private static async Task<AdmissibilityDecided> JudgedAsync(Case @case, RequestReceived request)
    {
        await @case.Stack.Others.SayAsync(request);
        return await @case.Stack.Others.HeardAsync<AdmissibilityDecided>(request.Aggregate);
    }

    /// <summary>A case whose question a panel has before it.</summary>
    private async Task<(Case Case, string Dossier)> SeatedAsync()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = await @case.AttachAsync(await @case.AskAsync(cites: [@case.Statements[0]]), @case.Statements[1]);
        await @case.SeatAsync(dossier, "protocols/v1", "a1", "a2", "a3");
        return (@case, dossier.Name);
    }
}
