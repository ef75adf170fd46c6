using Poc.Contracts.Review.V1;
using Poc.Review.Decisions;
using Poc.Review.Designations;
using Poc.Review.Dossiers;
using Poc.Review.Panels;
using Poc.Review.Protocols;
using static Poc.Contracts.Review.V1.Dossier.Types;

namespace Poc.Review.Tests.Invariants;

/// <summary>The pure rules that slices decide by. A test replaces one by a broken one to see that the walk finds it.</summary>
internal sealed record Laws
{
    public Func<State, DossierAction, bool> Allows { get; init; } = static (state, action) => DossierMachine.Legal(state).Contains(action);
    public Func<int, int, int, bool> OpensAll { get; init; } = Quorum.OpensAll;
    public Func<int, int, bool> OpensAtTerm { get; init; } = Quorum.OpensAtTerm;
    public Func<IReadOnlySet<string>, IEnumerable<Vote>, Tally> Count { get; init; } = Quorum.Count;
    public Func<IEnumerable<string>, IReadOnlySet<string>, IReadOnlyList<string>> Conflicted { get; init; } = PanelEligibility.Conflicted;
    public Func<Outcome, DesignationState, DesignationState, Designated?> After { get; init; } = DesignationMachine.After;
    public Func<string, IReadOnlySet<string>, IReadOnlySet<string>, bool> IsVacant { get; init; } = PanelEligibility.IsVacant;
    public Func<IReadOnlyList<string>, IReadOnlyCollection<string>, IReadOnlySet<string>, string?> SignatureOf { get; init; } = SignatureRole.Of;
    public Func<IReadOnlyList<string>, IReadOnlyCollection<string>, bool> SignaturesComplete { get; init; } = SignatureRole.IsComplete;
    /// <summary>New versions come into force meanwhile.</summary>
    public bool VersionsChange { get; init; } = true;

    public Func<int, int, int> PinnedOf { get; init; } = static (pinned, _) => pinned;
    public Func<QuestionType, DesignationState, bool> CanSeat { get; init; } = static (question, state) => DesignationMachine.CanSeat(question, state, out _);
}

/// <summary>A command: what, in which dossier, by whom, and what else it needs; each number is taken modulo what there is.</summary>
internal readonly record struct Step(int What, int Dossier, int Who, int Choice);

/// <summary>
/// Reviews of one designation, taken step by step as the slices take them, with every decision left to the rules. What the invariants ask for is kept apart,
/// and judged by plain counting rather than by the rules.
/// </summary>
internal sealed class ReviewWalk(Laws laws)
{
    public const int Commands = 12;

    private static readonly string[] Staff = [.. Enumerable.Range(0, 16).Select(static number => $"staff/s{number}")];
    private static readonly QuestionType[] Questions = [QuestionType.Designate, QuestionType.Delist, QuestionType.Redesignate];
    private static readonly string[] Roles = ["panel-chair", "approver"];

    // What versions ask for: by version, from 1.
    private static readonly (int Quorum, Majority Majority)[] Versions = [(3, Majority.ExceedsAgainst), (2, Majority.Share(2, 3)), (3, Majority.MatchesAgainst)];

    private readonly List<Review> _reviews = [];
    private readonly List<DesignationState> _history = [DesignationState.Proposed];
    private int _newest = 1;

    public int Decided => _reviews.Count(static review => review.State == State.Decided);

    public int Replacements => _reviews.Sum(static review => review.Replaced.Count);

    public int AppealsDecided => _reviews.Count(static review => review is { State: State.Decided, Appeals: not null });

    /// <summary>Takes a step, where the rules allow it; gives the invariant that does not hold any more, or null.</summary>
    public string? Take(Step step)
    {
        if (step.What % Commands == 0)
        {
            if (_reviews.Count(static review => review.Appeals is null) < 5)
            {
                _reviews.Add(new Review { Question = step.Choice % 5 == 0 ? (QuestionType)(1 + step.Who % 3) : Questions.FirstOrDefault(CanBeAsked, QuestionType.Designate) });
            }

            return null;
        }

        if (_reviews.Count == 0)
        {
            return null;
        }

        // Mostly where something can go on: walks that only knock at closed doors prove little.
        var open = _reviews.FindAll(review => review.State is State.Voting or State.BallotsOpen or State.Drafted || review.State == State.Gathering && CanBeAsked(review.Question));
        var review = open.Count == 0 || step.Dossier % 8 == 0 ? _reviews[step.Dossier % _reviews.Count] : open[step.Dossier % open.Count];
        var others = _reviews.Where(other => other != review).Select(static other => (other, other.State, other.Outcome, other.Votes.Count)).ToList();
        var (state, votes, historyBefore) = (review.State, review.Votes.ToList(), _history.Count);
        Do(step, review);
        return Violated(review, state, votes, historyBefore) ?? (others.TrueForAll(static was => (was.State, was.Outcome, was.Count) == (was.other.State, was.other.Outcome, was.other.Votes.Count))
            ? null : "6: an action on one review changed another");
    }

    private bool CanBeAsked(QuestionType question) => DesignationMachine.CanSeat(question, _history[^1], out _);

    private void Do(Step step, Review review)
    {
        var who = Staff[step.Who % Staff.Length];
        var member = review.Members.Count == 0 || step.Choice % 4 == 0 ? who : review.Members[step.Who % review.Members.Count];
        switch (step.What % Commands)
        {
            case 1 or 2:
                Seat(review, step);
                break;
            case 3 when laws.Allows(review.State, DossierAction.DeclareConflict) && review.Members.Contains(member) && step.Choice % 3 == 0:
                review.Stepped.Add(member);
                OpenIfAll(review);
                break;
            case 4 or 5 or 6 when laws.Allows(review.State, DossierAction.CastBallot) && review.Members.Contains(member) && !review.Stepped.Contains(member)
                && review.Votes.TrueForAll(vote => vote.Staff != member):
                review.Votes.Add(new Vote(member, (Choice)(1 + step.Choice % 3)));
                OpenIfAll(review);
                break;
            case 7 when laws.Allows(review.State, DossierAction.OpenBallots) && laws.OpensAtTerm(Cast(review), Rules(review).Quorum):
                review.State = State.BallotsOpen;
                break;
            case 8 when laws.Allows(review.State, DossierAction.DraftDecision) && review.Signed.Count == 0:
                Draft(review, who);
                break;
            case 9:
                Sign(review, who, step);
                break;
            case 10:
                Happen(step);
                break;
            case 11 when laws.Allows(review.State, DossierAction.ReplaceMember):
                Replace(review, member, step);
                break;
        }
    }

    private void Seat(Review review, Step step)
    {
        string[] members = [.. Staff.Where((_, index) => (index + step.Who) % Staff.Length < 3 + step.Choice % 3)];
        var now = _history[^1];
        if (laws.Allows(review.State, DossierAction.SeatPanel) && laws.Conflicted(members, EarlierDeciders(review)).Count == 0
            && DesignationMachine.CanSeat(review.Question, now, out var next))
        {
            (review.State, review.Before, review.Protocol, review.SeatedUnder) = (State.Voting, now, _newest, _newest);
            review.Members.AddRange(members);
            review.Seats = members.Length;
            Change(next);
        }
    }

    private void Replace(Review review, string member, Step step)
    {
        var successor = Staff[(step.Who + step.Choice) % Staff.Length];
        if (laws.IsVacant(member, review.Stepped, review.Replaced) && !review.Members.Contains(successor) && laws.Conflicted([successor], EarlierDeciders(review)).Count == 0)
        {
            review.Replaced.Add(member);
            review.Members.Add(successor);
        }
    }

    private void Draft(Review review, string who)
    {
        if (laws.Conflicted([who], EarlierDeciders(review)).Count > 0)
        {
            return;
        }

        review.Tally = laws.Count(Eligible(review), review.Votes);
        review.Outcome = Verdict.Of(review.Question, Rules(review).Majority.Passes(review.Tally), FirstOutcome(review));
        (review.State, review.Drafter) = (State.Drafted, who);
    }

    private void Sign(Review review, string who, Step step)
    {
        var held = new HashSet<string> { Roles[step.Choice % 2] };
        if (laws.Allows(review.State, DossierAction.SignDecision) && review.Signed.TrueForAll(signed => signed.Staff != who)
            && laws.Conflicted([who], EarlierDeciders(review)).Count == 0 && laws.SignatureOf(Roles, [.. review.Signed.Select(static signed => signed.Role)], held) is { } role)
        {
            review.Signed.Add((who, role));
            if (laws.SignaturesComplete(Roles, [.. review.Signed.Select(static signed => signed.Role)]))
            {
                review.State = State.Decided;
                Change(laws.After(review.Outcome, review.Before, _history[^1])?.State);
            }
        }
    }

    private void Happen(Step step)
    {
        if (step.Choice % 3 == 0 && laws.VersionsChange)
        {
            _newest = 1 + step.Who % Versions.Length;
        }
        else if (step.Choice % 64 == 1 && !DesignationMachine.HasEnded(_history[^1]))
        {
            Change(step.Who % 2 == 0 ? DesignationState.Renounced : DesignationState.Closed);
        }
        else if (_reviews.FindLast(decided => decided.State == State.Decided && _reviews.TrueForAll(other => other.Appeals != decided || other.State == State.Decided)) is { } appealed
            && _reviews.Count < 10)
        {
            _reviews.Add(new Review { Question = QuestionType.Appeal, Appeals = appealed });
        }
    }

    private void OpenIfAll(Review review)
    {
        if (laws.OpensAll(review.Members.Count(member => !review.Stepped.Contains(member)), Cast(review), Rules(review).Quorum))
        {
            review.State = State.BallotsOpen;
        }
    }

    private void Change(DesignationState? next)
    {
        if (next is { } state && state != _history[^1])
        {
            _history.Add(state);
        }
    }

    private (int Quorum, Majority Majority) Rules(Review review) => Versions[laws.PinnedOf(review.Protocol, _newest) - 1];

    private int Cast(Review review)
    {
        var tally = laws.Count(Eligible(review), review.Votes);
        return tally.ForCount + tally.AgainstCount + tally.AbstainCount;
    }

    private static HashSet<string> Eligible(Review review) => [.. review.Members.Where(member => !review.Stepped.Contains(member))];

    private static HashSet<string> EarlierDeciders(Review review)
    {
        var people = new HashSet<string>();
        for (var earlier = review.Appeals; earlier is not null; earlier = earlier.Appeals)
        {
            people.UnionWith(earlier.Members);
            people.UnionWith(earlier.Signed.Select(static signed => signed.Staff));
            people.Add(earlier.Drafter!);
        }

        return people;
    }

    private static Outcome FirstOutcome(Review review)
    {
        var appealed = review.Appeals;
        while (appealed is { Outcome: Outcome.AppealDismissed })
        {
            appealed = appealed.Appeals;
        }

        return appealed?.Outcome ?? Outcome.Unspecified;
    }

    private string? Violated(Review review, State before, List<Vote> votes, int historyBefore)
    {
        if (!review.Votes.Take(votes.Count).SequenceEqual(votes) || review.Votes.Select(static vote => vote.Staff).Distinct().Count() != review.Votes.Count
            || before >= State.BallotsOpen && review.Votes.Count != votes.Count)
        {
            return "4: something cast was edited, cast twice, or cast after the others were seen";
        }

        if (review.Members.Count(member => !review.Stepped.Contains(member)) > review.Seats)
        {
            return "5: more members judge than there are seats";
        }

        var counted = review.Votes.Where(vote => !review.Stepped.Contains(vote.Staff)).ToList();
        var (quorum, majority) = review.SeatedUnder == 0 ? (0, Majority.ExceedsAgainst) : Versions[review.SeatedUnder - 1];
        if (before == State.Voting && review.State == State.BallotsOpen && counted.Count < quorum)
        {
            return review.SeatedUnder == _newest ? "5: opened without a quorum of members without conflict" : "8: opened under rules that it is not pinned to";
        }

        if (review.State == State.Drafted && before != State.Decided)
        {
            if (review.Tally!.ForCount != counted.Count(static vote => vote.Choice == Choice.For) || review.Tally.AgainstCount != counted.Count(static vote => vote.Choice == Choice.Against))
            {
                return "5: the tally counts members with a conflict";
            }

            if (before != State.Drafted && review.Outcome != Verdict.Of(review.Question, majority.Passes(review.Tally), FirstOutcome(review)))
            {
                return "8: decided under rules that it is not pinned to";
            }
        }

        var earlier = EarlierDeciders(review);
        if (review.Members.Exists(earlier.Contains) || review.Drafter is { } drafter && earlier.Contains(drafter) || review.Signed.Exists(signed => earlier.Contains(signed.Staff)))
        {
            return "6: who decided takes part in the appeal";
        }

        if (review is { Question: QuestionType.Appeal, State: State.Gathering } && DesignationMachine.HasEnded(_history[^1]) && !laws.CanSeat(QuestionType.Appeal, _history[^1]))
        {
            return "6: an appeal was closed by the end of the designation";
        }

        if (review.State == State.Decided && (review.Signed.Select(static signed => signed.Role).Distinct().Count() != Roles.Length || review.Signed.Select(static signed => signed.Staff).Distinct().Count() != review.Signed.Count))
        {
            return "two roles sign, one person each";
        }

        for (var i = Math.Max(1, historyBefore); i < _history.Count; i++)
        {
            if (!DesignationMachine.Legal(_history[i - 1]).Contains(_history[i]))
            {
                return $"11: {_history[i - 1]} became {_history[i]}";
            }
        }

        return null;
    }

    private sealed class Review
    {
        public required QuestionType Question { get; init; }
        public Review? Appeals { get; init; }
        public State State { get; set; } = State.Gathering;
        public List<string> Members { get; } = [];
        public HashSet<string> Stepped { get; } = [];
        public HashSet<string> Replaced { get; } = [];
        public int Seats { get; set; }
        public List<Vote> Votes { get; } = [];
        public List<(string Staff, string Role)> Signed { get; } = [];
        public DesignationState Before { get; set; }
        public int Protocol { get; set; } = 1;
        public int SeatedUnder { get; set; }
        public Tally? Tally { get; set; }
        public Outcome Outcome { get; set; }
        public string? Drafter { get; set; }
    }
}
