using System.Globalization;
using CsCheck;
using Poc.Contracts.Review.V1;
using Poc.Review.Decisions;
using Poc.Review.Designations;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;
using static Poc.Contracts.Review.V1.Dossier.Types;

namespace Poc.Review.Tests.Invariants;

/// <summary>Random reviews against DOMAIN's invariants, as far as pure rules keep them (docs/invariants.md).</summary>
public sealed class ReviewWalkTests
{
    private const int Length = 250;

    // Enough for CI; POC_INVARIANT_STEPS=1000000 walks on.
    private static readonly long Steps = long.Parse(Environment.GetEnvironmentVariable("POC_INVARIANT_STEPS") ?? "150000", CultureInfo.InvariantCulture);

    private static readonly Gen<Step> AnyStep = Gen.Select(Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 999], static (what, dossier, who, choice) => new Step(what, dossier, who, choice));

    /// <summary>A rule that is broken, and the invariant that then must be found broken.</summary>
    public static TheoryData<string, string> Broken => new()
    {
        { "counts everybody", "5" },
        { "gives away seats that are taken", "5: more" },
        { "gives a seat to two", "5: more" },
        { "opens without a quorum", "5" },
        { "opens at term without a quorum", "5" },
        { "forgets the pinned version", "8" },
        { "lets deciders judge", "6" },
        { "closes appeals with the designation", "6" },
        { "votes after opening", "4" },
        { "one role signs twice", "two" },
        { "one signature is enough", "two" },
        { "decides about what has ended", "11" },
    };

    [Fact]
    public void No_walk_breaks_an_invariant()
    {
        var (steps, decided, appeals, replaced) = (0L, 0L, 0L, 0L);
        AnyStep.Array[Length].Sample(walk =>
        {
            var world = new ReviewWalk(new Laws());
            foreach (var step in walk)
            {
                Assert.Null(world.Take(step));
            }

            Interlocked.Add(ref steps, walk.Length);
            Interlocked.Add(ref decided, world.Decided);
            Interlocked.Add(ref appeals, world.AppealsDecided);
            Interlocked.Add(ref replaced, world.Replacements);
        }, iter: (Steps + Length - 1) / Length);
        Assert.True(steps >= Steps);
        // Walks that get nowhere would prove nothing.
        Assert.True(decided > steps / 1_000 && appeals > steps / 7_500 && replaced > steps / 1_000,
            $"{decided} reviews decided, {appeals} of them appeals, {replaced} members replaced, in {steps} steps");
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_broken_rule_is_found(string rule, string invariant)
    {
        var laws = rule switch
        {
            "counts everybody" => new Laws { Count = static (eligible, votes) => Quorum.Count(votes.Select(static vote => vote.Staff).ToHashSet(), votes) },
            "gives away seats that are taken" => new Laws { IsVacant = static (member, _, replaced) => !replaced.Contains(member) },
            "gives a seat to two" => new Laws { IsVacant = static (member, stepped, _) => stepped.Contains(member) },
            "opens without a quorum" => new Laws { OpensAll = static (eligible, cast, _) => cast == eligible },
            "opens at term without a quorum" => new Laws { OpensAtTerm = static (_, _) => true },
            "forgets the pinned version" => new Laws { PinnedOf = static (_, newest) => newest },
            "lets deciders judge" => new Laws { Conflicted = static (_, _) => [] },
            "closes appeals with the designation" => new Laws { CanSeat = static (question, state) => !DesignationMachine.HasEnded(state) && DesignationMachine.CanSeat(question, state, out _) },
            "votes after opening" => new Laws { Allows = static (state, action) => DossierMachine.Legal(state).Contains(action) || state == State.BallotsOpen && action == DossierAction.CastBallot },
            "one role signs twice" => new Laws { SignatureOf = static (_, _, held) => held.First(), SignaturesComplete = static (required, given) => given.Count == required.Count },
            "one signature is enough" => new Laws { SignaturesComplete = static (_, given) => given.Count > 0 },
            "decides about what has ended" => new Laws { After = static (outcome, before, _) => DesignationMachine.After(outcome, before, before) },
            _ => throw new ArgumentOutOfRangeException(nameof(rule)),
        };
        // Under one version throughout, unless versions are the matter: too few ballots could be either invariant's.
        laws = laws with { VersionsChange = invariant == "8" };
        // The same walks every time: what is found today is found tomorrow.
        var random = new Random(2_000);
        var found = Enumerable.Range(0, 4_000).Select(_ => Walk(laws, random)).FirstOrDefault(static violation => violation is not null);
        Assert.StartsWith(invariant, found, StringComparison.Ordinal);
    }

    private static string? Walk(Laws laws, Random random)
    {
        var world = new ReviewWalk(laws);
        return Enumerable.Range(0, Length).Select(_ => world.Take(new Step(random.Next(1_000), random.Next(1_000), random.Next(1_000), random.Next(1_000))))
            .FirstOrDefault(static violation => violation is not null);
    }
}
