using Grpc.Core;
using Poc.Contracts.Review.V1;
using Poc.Contracts.Type.V1;

namespace Poc.Review.Tests.Precedents;

public sealed class FindPrecedentsTests(ReviewStack stack)
{
    [Fact]
    public async Task Finds_by_words_and_by_criterion_and_orders_by_nearness()
    {
        var client = (await stack.RunningAsync()).Client;
        var criterion = Some.Id("criterion");
        var exact = await RecordAsync(client, criterion, Outcome.Declined, "He advocated sabotage of railways.");
        var half = await RecordAsync(client, criterion, Outcome.Designated, "She wrote about railways.");
        var none = await RecordAsync(client, criterion, Outcome.Declined, "Poems.");

        var found = await client.FindPrecedentsAsync(new FindPrecedentsRequest { Criterion = criterion, Text = "advocating sabotage railways" }, Staff.Reviewer("a1"));
        Assert.Equal([exact, half], found.Precedents.Select(static each => each.Precedent.Name)); // what has none of the words is not found
        Assert.True(found.Precedents[0].Nearness > found.Precedents[1].Nearness);
        Assert.Equal(["words 100%"], found.Precedents[0].Shared);

        var all = await client.FindPrecedentsAsync(new FindPrecedentsRequest { Criterion = criterion }, Staff.Reviewer("a1"));
        Assert.Equal([none, half, exact], all.Precedents.Select(static each => each.Precedent.Name)); // the newest first
        var declined = await client.FindPrecedentsAsync(new FindPrecedentsRequest { Criterion = criterion, Outcome = Outcome.Declined, MaxResults = 1 }, Staff.Reviewer("a1"));
        Assert.Equal([none], declined.Precedents.Select(static each => each.Precedent.Name));
        Assert.Empty((await client.FindPrecedentsAsync(new FindPrecedentsRequest { Criterion = criterion, Level = Level.Criminal }, Staff.Reviewer("a1"))).Precedents);
    }

    [Fact]
    public async Task A_decision_made_here_is_found_by_what_its_panel_found_and_never_near_itself()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var word = Some.Id("unheardof").Replace("-", "", StringComparison.Ordinal);
        var draft = @case.Draft();
        draft.Reasons = $"For {word[^6..]}{word} alone.";
        var decision = await @case.SignedAsync((await @case.DraftAsync(await @case.VotedToDelistAsync(), draft)).Decision);

        var byFinding = new FindPrecedentsRequest { Text = draft.Reasons, Level = Level.LawfulOfConcern, Outcome = Outcome.LabelWithdrawn };
        Assert.Equal(decision.Name, (await @case.Client.FindPrecedentsAsync(byFinding, Staff.Chair)).Precedents[0].Precedent.Name);
        var near = await @case.Client.FindPrecedentsAsync(new FindPrecedentsRequest { Dossier = decision.Dossier, MaxResults = 100 }, Staff.Chair);
        Assert.DoesNotContain(near.Precedents, each => each.Precedent.Name == decision.Name);

        // Another review of the same kind has it near, by what was asked and found, not only by words.
        var other = await Case.NewAsync(stack, designated: true);
        var voted = await other.VotedToDelistAsync();
        var like = (await other.Client.FindPrecedentsAsync(new FindPrecedentsRequest { Dossier = voted.Name, Text = draft.Reasons, MaxResults = 100 }, Staff.Chair)).Precedents;
        var nearest = Assert.Single(like, each => each.Precedent.Name == decision.Name);
        Assert.Equal(100, nearest.Nearness);
        Assert.Equal(["criterion advocacy-of-violence", "level LAWFUL_OF_CONCERN", "retraction UNCLEAR", "words 100%"], nearest.Shared);
    }

    [Fact]
    public async Task Refuses_what_is_no_dossier()
    {
        var client = (await stack.RunningAsync()).Client;
        var wrong = await client.FindPrecedentsAsync(new FindPrecedentsRequest { Dossier = "x", MaxResults = -1 }, Staff.Chair).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        Assert.Equal(["max_results", "dossier"], wrong.WrongFields());
        await client.FindPrecedentsAsync(new FindPrecedentsRequest { Dossier = $"dossiers/{Guid.CreateVersion7()}" }, Staff.Chair).RefusedAsync(StatusCode.NotFound, "DOSSIER_NOT_FOUND");
    }

    /// <summary>Records a precedent, each dated a day after the one before.</summary>
    internal static async Task<string> RecordAsync(ReviewService.ReviewServiceClient client, string criterion, Outcome outcome, string summary)
    {
        var id = Some.Id("precedent");
        var day = new DateOnly(1964, 1, 1).AddDays(int.Parse(id.Split('-')[1], null));
        return (await client.RecordPrecedentAsync(
            new RecordPrecedentRequest
            {
                RequestId = Some.RequestId(),
                PrecedentId = id,
                Precedent = new Precedent
                {
                    Title = "Case",
                    Decided = new UncertainDate { Earliest = day.ToString("yyyy-MM-dd", null), Precision = DatePrecision.Day },
                    Outcome = outcome,
                    Summary = summary,
                    Criteria = { criterion },
                    Synthetic = true,
                },
            },
            Staff.Approver)).Precedent.Name;
    }
}
