using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests.Ballots;

/// <summary>32 reviewers act at once on one case, over and over: some vote, some twice, some step back, and the chair tries to open early with what they read before.</summary>
public sealed class CrowdTests(ReviewStack stack)
{
    private const int Reviewers = 32;

    // POC_REVIEW_ROUNDS=1000 goes on.
    private static int Rounds => int.Parse(Environment.GetEnvironmentVariable("POC_REVIEW_ROUNDS") ?? "5", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Whatever_32_reviewers_do_at_once_each_counts_once_and_the_ballots_open_once()
    {
        for (var seed = 0; seed < Rounds; seed++)
        {
            await RoundAsync(seed);
        }
    }

    private async Task RoundAsync(int seed)
    {
        var random = new Random(seed);
        var @case = await Case.NewAsync(stack, designated: true);
        string[] panel = [.. Enumerable.Range(1, Reviewers).Select(static number => $"r{number}")];
        var dossier = (await @case.SeatAsync(await @case.AskAsync(), "protocols/v1", panel)).Dossier;
        var stepBack = random.GetItems(panel, random.Next(0, 12)).ToHashSet(StringComparer.Ordinal);
        var votes = panel.Except(stepBack).ToDictionary(static member => member, _ => (Choice)random.Next((int)Choice.For, (int)Choice.Abstain + 1));

        var calls = new List<Func<Task<StatusCode>>>();
        calls.AddRange(stepBack.Select(member => Code(() => @case.Client.DeclareConflictAsync(
            new DeclareConflictRequest { RequestId = Some.RequestId(), Dossier = dossier.Name, Reason = "A tie." }, Staff.Reviewer(member)))));
        foreach (var (member, choice) in votes)
        {
            var ballot = new CastBallotRequest { RequestId = Some.RequestId(), Dossier = dossier.Name, Ballot = new Ballot { Choice = choice, Reason = "For a reason." } };
            calls.Add(Code(() => @case.Client.CastBallotAsync(ballot, Staff.Reviewer(member))));
            if (random.Next(3) == 0)
            {
                calls.Add(Code(() => @case.Client.CastBallotAsync(ballot, Staff.Reviewer(member)))); // the same once more
            }

            if (random.Next(5) == 0)
            {
                // Another vote of the same choice: whichever is first counts, and the other is refused.
                calls.Add(Code(() => @case.VoteAsync(dossier.Name, member, choice)));
            }
        }

        var early = Enumerable.Range(0, 2).Select(_ => Code(() => @case.Client.OpenBallotsAsync(
            new OpenBallotsRequest { RequestId = Some.RequestId(), Dossier = dossier.Name, Etag = dossier.Etag }, Staff.Chair))).ToList();
        calls.AddRange(early);
        var order = calls.ToArray();
        random.Shuffle(order);
        var codes = await Task.WhenAll(order.Select(static call => call()));

        for (var i = 0; i < order.Length; i++)
        {
            if (early.Contains(order[i]))
            {
                // First of all: the term runs. After anybody did anything: the etag is of the past.
                Assert.True(codes[i] is StatusCode.Aborted or StatusCode.FailedPrecondition, $"round {seed}: opened early, {codes[i]}");
            }
        }

        var refused = codes.Where((code, i) => !early.Contains(order[i]) && code != StatusCode.OK).ToList();
        Assert.All(refused, code => Assert.True(code is StatusCode.AlreadyExists or StatusCode.FailedPrecondition or StatusCode.PermissionDenied, $"round {seed}: {code}"));
        var ballots = await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier.Name }, Staff.Auditor);
        Assert.True(ballots.Open, $"round {seed}");
        Assert.Equal(votes.Count, ballots.Ballots.Select(static ballot => ballot.Reviewer).Distinct().Count());
        Assert.Equal(votes.Count, ballots.Ballots.Count);
        Assert.All(ballots.Ballots, ballot => Assert.Equal(votes[ballot.Reviewer["staff/".Length..]], ballot.Choice));
        Assert.Equal(
            new Tally
            {
                ForCount = votes.Values.Count(static choice => choice == Choice.For),
                AgainstCount = votes.Values.Count(static choice => choice == Choice.Against),
                AbstainCount = votes.Values.Count(static choice => choice == Choice.Abstain),
                EligibleCount = votes.Count,
            },
            ballots.Tally);
        await @case.Stack.Others.HeardAsync<BallotsOpened>(dossier.Name);
        Assert.Single(@case.Stack.Others.Heard.OfType<BallotsOpened>().Where(opened => opened.Aggregate == dossier.Name).Select(static opened => opened.EventId).Distinct());
    }

    private static Func<Task<StatusCode>> Code<T>(Func<AsyncUnaryCall<T>> call) => async () =>
    {
        try
        {
            await call();
            return StatusCode.OK;
        }
        catch (RpcException refusal)
        {
            return refusal.StatusCode;
        }
    };
}
