using System.Globalization;
using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Review.V1;
using Poc.Review.Subjects;

namespace Poc.Review.Tests.Invariants;

/// <summary>Random merges, separations and corrections among everything else that happens to subjects (docs/invariants.md).</summary>
public sealed class IdentityWalkTests(ReviewStack stack)
{
    private const int Length = 250;

    // Enough for CI; POC_INVARIANT_STEPS=1000000 walks on.
    private static readonly long Steps = long.Parse(Environment.GetEnvironmentVariable("POC_INVARIANT_STEPS") ?? "150000", CultureInfo.InvariantCulture);

    private static readonly Gen<Step> AnyStep = Gen.Select(Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 999], static (what, other, who, choice) => new Step(what, other, who, choice));

    /// <summary>A rule that is broken, and what then must be found broken.</summary>
    public static TheoryData<string, string> Broken => new()
    {
        { "merges what carries labels", "a person carries two labels" },
        { "gives a second label", "a person carries two labels" },
        { "does not look again", "a person carries two labels" },
        { "merges under a panel", "a panel judges another person" },
        { "separates under a panel", "a panel judges another person" },
        { "merges mandates", "7" },
    };

    [Fact]
    public void No_walk_breaks_an_invariant()
    {
        var (steps, merges, separations) = (0L, 0L, 0L);
        AnyStep.Array[Length].Sample(walk =>
        {
            var world = new IdentityWalk(new IdentityLaws());
            foreach (var step in walk)
            {
                Assert.Null(world.Take(step));
            }

            Interlocked.Add(ref steps, walk.Length);
            Interlocked.Add(ref merges, world.Merges);
            Interlocked.Add(ref separations, world.Separations);
        }, iter: (Steps + Length - 1) / Length);
        Assert.True(steps >= Steps);
        // Walks that get nowhere would prove nothing.
        Assert.True(merges > steps / 500 && separations > steps / 2_000, $"{merges} merges and {separations} separations in {steps} steps");
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_rule_is_found(string rule, string violation)
    {
        var laws = rule switch
        {
            "merges what carries labels" => new IdentityLaws { ForMerge = static (one, other) => MergeRule.ForMerge(one, other) with { Labels = [] } },
            "gives a second label" => new IdentityLaws { OneLabel = false },
            "does not look again" => new IdentityLaws { LooksAgain = false, ForMerge = static (one, other) => MergeRule.ForMerge(one, other) with { Dossiers = [], Aims = [] }, ForSeparation = static _ => new([], ["never"], []) },
            "merges under a panel" => new IdentityLaws { ForMerge = static (one, other) => MergeRule.ForMerge(one, other) with { Dossiers = [] } },
            "separates under a panel" => new IdentityLaws { ForSeparation = static _ => new([], [], []) },
            "merges mandates" => new IdentityLaws { ForMerge = static (one, other) => MergeRule.ForMerge(one, other) with { Aims = [] } },
            _ => throw new ArgumentOutOfRangeException(nameof(rule)),
        };
        var random = new Random(2_000);
        var found = Enumerable.Range(0, 4_000).SelectMany(_ => Walk(laws, random)).FirstOrDefault(each => each.StartsWith(violation, StringComparison.Ordinal));
        Assert.NotNull(found);
    }

    private static IEnumerable<string> Walk(IdentityLaws laws, Random random)
    {
        var world = new IdentityWalk(laws);
        // What comes after a violation is a consequence of it.
        return Enumerable.Range(0, Length).Select(_ => world.Take(new Step(random.Next(1_000), random.Next(1_000), random.Next(1_000), random.Next(1_000)))).OfType<string>().Take(1);
    }

    /// <summary>The running service, on PostgreSQL: whatever comes later, what was on record at a moment is what is answered about that moment.</summary>
    [Fact]
    public async Task No_later_change_is_seen_in_what_was_on_record_before()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("POC_INVARIANT_SEED") ?? "2021", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var cases = new List<Case>();
        for (var i = 0; i < 5; i++)
        {
            cases.Add(await Case.NewAsync(stack));
        }

        var (client, snapshots, done) = (cases[0].Client, new List<(DateTimeOffset At, byte[][] Subjects)>(), new Dictionary<string, int>());
        for (var step = 0; step < 160; step++)
        {
            await TakeAsync(random, cases[random.Next(5)], cases[random.Next(5)], step);
            if (step % 8 == 7)
            {
                var at = TimeProvider.System.GetUtcNow();
                snapshots.Add((at, await ReadAsync(cases, at)));
            }
        }

        Assert.True(done.GetValueOrDefault("merged") > 2 && done.GetValueOrDefault("separated") > 0 && done.GetValueOrDefault("corrected") > 4 && done.GetValueOrDefault("designated") > 2, string.Join(", ", done));
        Assert.Null(await FirstDifferenceAsync());

        // A row that is re-dated behind the triggers' back is found.
        await cases[0].Stack.Database.ExecuteAsync("""
            DO $$ BEGIN
                ALTER TABLE identity_confirmations DISABLE TRIGGER tr_identity_confirmations_kept;
                UPDATE identity_confirmations SET confirmed_at = confirmed_at - interval '1 hour';
                ALTER TABLE identity_confirmations ENABLE TRIGGER tr_identity_confirmations_kept;
            END $$
            """);
        Assert.NotNull(await FirstDifferenceAsync());
        await cases[0].Stack.Database.ExecuteAsync("""
            DO $$ BEGIN
                ALTER TABLE identity_confirmations DISABLE TRIGGER tr_identity_confirmations_kept;
                UPDATE identity_confirmations SET confirmed_at = confirmed_at + interval '1 hour';
                ALTER TABLE identity_confirmations ENABLE TRIGGER tr_identity_confirmations_kept;
            END $$
            """);

        async Task<string?> FirstDifferenceAsync()
        {
            foreach (var (at, subjects) in snapshots)
            {
                var now = await ReadAsync(cases, at);
                if (!now.Zip(subjects).All(static pair => pair.First.AsSpan().SequenceEqual(pair.Second)))
                {
                    return $"seed {seed}: what was on record at {at:O} is answered otherwise now";
                }
            }

            return null;
        }

        async Task TakeAsync(Random random, Case one, Case other, int step)
        {
            try
            {
                var what = random.Next(6) switch
                {
                    0 => await ChangeAsync("corrected", new IdentityChange { Subject = one.Subject, Corrected = new Identity { NativeName = $"Name {step}", Script = "Latn" }, Reason = "x" }),
                    1 or 2 => await ChangeAsync("merged", new IdentityChange { Subject = one.Subject, MergedInto = other.Subject, Reason = "x" }),
                    3 => await ChangeAsync("separated", new IdentityChange { Subject = one.Subject, SeparatedFrom = (await one.SubjectAsync()).MergedInto is { Length: > 0 } into ? into : other.Subject, Reason = "x" }),
                    4 => await DesignateAsync(one, $"w{step}"),
                    _ => await EndAsync(one),
                };
                done[what] = done.GetValueOrDefault(what) + 1;
            }
            catch (RpcException refused) when (refused.StatusCode is StatusCode.FailedPrecondition or StatusCode.InvalidArgument)
            {
                // The rules refuse it: nothing happened, and what was on record must say so.
            }

            var labels = (await Task.WhenAll(cases.Select(static each => each.SubjectAsync()))).Select(static subject => subject.Episodes.Count(static episode => episode.DesignationState == DesignationState.Designated));
            Assert.True(labels.Max() <= 1, $"seed {seed}, step {step}: a person carries two labels");
        }

        async Task<string> ChangeAsync(string what, IdentityChange change)
        {
            var proposed = (await client.ProposeIdentityChangeAsync(new ProposeIdentityChangeRequest { RequestId = Some.RequestId(), IdentityChange = change }, Staff.Officer)).IdentityChange;
            await client.ConfirmIdentityChangeAsync(new ConfirmIdentityChangeRequest { RequestId = Some.RequestId(), Name = proposed.Name }, Staff.Approver);
            return what;
        }

        async Task<string> DesignateAsync(Case one, string episode)
        {
            await client.OpenEpisodeAsync(new OpenEpisodeRequest { RequestId = Some.RequestId(), Parent = one.Subject, EpisodeId = episode, Episode = new Episode { DetainedOn = "2021-02-01", Description = "x" } }, Staff.Officer);
            await client.RecordPastDesignationAsync(new RecordPastDesignationRequest { RequestId = Some.RequestId(), Episode = $"{one.Subject}/episodes/{episode}", DesignatedOn = "2021-02-02", Source = "x" }, Staff.Approver);
            return "designated";
        }

        async Task<string> EndAsync(Case one)
        {
            var episode = (await one.SubjectAsync()).Episodes.FirstOrDefault(static episode => episode.DesignationState == DesignationState.Designated)?.Name ?? one.Episode;
            await client.EndDesignationAsync(new EndDesignationRequest { RequestId = Some.RequestId(), Episode = episode, State = DesignationState.Closed, EffectiveOn = "2021-03-01", Reason = "x" }, Staff.Approver);
            return "ended";
        }
    }

    private static async Task<byte[][]> ReadAsync(IEnumerable<Case> cases, DateTimeOffset at) => await Task.WhenAll(cases.Select(async each =>
        (await each.Client.GetSubjectAsync(new GetSubjectRequest { Name = each.Subject, AsOf = at.ToTimestamp() }, Staff.Auditor)).Subject.ToByteArray()));
}
