using Poc.Contracts.Review.V1;
using Poc.Review.Designations;
using Poc.Review.Subjects;

namespace Poc.Review.Tests.Invariants;

/// <summary>The pure rules of who somebody is. A test replaces one by a broken one to see that the walk finds it.</summary>
internal sealed record IdentityLaws
{
    public Func<PersonFacts, PersonFacts, Undecided> ForMerge { get; init; } = MergeRule.ForMerge;
    public Func<PersonFacts, Undecided> ForSeparation { get; init; } = MergeRule.ForSeparation;

    /// <summary>A confirmation asks again what the proposal asked.</summary>
    public bool LooksAgain { get; init; } = true;

    /// <summary>A label is given only where none stands in another episode of the person.</summary>
    public bool OneLabel { get; init; } = true;
}

/// <summary>
/// Subjects with episodes, mandates and reviews that are merged and separated, step by step as the slices do it, with every decision left to the rules. Who is one person is kept here as
/// sets that are joined and split, apart from how the database finds it.
/// </summary>
internal sealed class IdentityWalk(IdentityLaws laws)
{
    public const int Commands = 8;

    private const int Subjects = 5;
    private const int Staff = 3;
    private static readonly string[] Aims = ["release", "medical-care"];

    private readonly int?[] _into = new int?[Subjects];
    private readonly DesignationState[,] _designations = Filled();
    private readonly bool[,] _stands = new bool[Subjects, 2];
    private readonly List<(int Subject, string Aim, bool InForce)> _mandates = [];
    private readonly List<(int Subject, HashSet<int> SeatedFor)> _inHand = [];
    private readonly List<Proposal> _proposals = [];

    public int Merges { get; private set; }

    public int Separations { get; private set; }

    /// <summary>Takes a step, where the rules allow it; gives what does not hold any more, or null.</summary>
    public string? Take(Step step)
    {
        var (subject, other) = (step.Who % Subjects, step.Dossier % Subjects);
        switch (step.What % Commands)
        {
            case 0:
                Move(subject, step.Choice % 2, step.Choice / 2);
                break;
            case 1 when _into[subject] is null && step.Choice % 4 == 0:
                _mandates.Add((subject, Aims[step.Choice / 4 % 2], step.Choice / 8 % 2 == 0));
                break;
            case 2 when step.Choice % 3 == 0 && _inHand.Count < 2:
                _inHand.Add((subject, [.. NamesOf(PersonOf(subject))]));
                break;
            case 3 when _inHand.Count > 0:
                _inHand.RemoveAt(step.Choice % _inHand.Count);
                break;
            case 4 or 5 when subject != other:
                Propose(new Proposal(subject, other, Separates: _into[subject] == other && step.Choice % 2 == 0, By: step.Choice % Staff));
                break;
            default:
                if (_proposals.Count > 0)
                {
                    return Confirm(_proposals[step.Dossier % _proposals.Count], step.Choice % Staff) ?? Violated();
                }

                break;
        }

        return Violated();
    }

    private void Move(int subject, int episode, int choice)
    {
        var legal = DesignationMachine.Legal(_designations[subject, episode]);
        if (legal.Count == 0)
        {
            _designations[subject, episode] = DesignationState.Proposed; // another detention
            return;
        }

        var next = legal[choice % legal.Count];
        var others = NamesOf(PersonOf(subject)).SelectMany(Labels).Count(label => label != (subject, episode));
        if (!laws.OneLabel || !DesignationMachine.IsInForce(next) || others == 0)
        {
            _designations[subject, episode] = next;
        }
    }

    private void Propose(Proposal proposal)
    {
        if (_proposals.Count < 6 && IsPossible(proposal))
        {
            _proposals.Add(proposal);
        }
    }

    private string? Confirm(Proposal proposal, int by)
    {
        var isOver = proposal.Separates ? _into[proposal.Subject] != proposal.Other : _into[proposal.Subject] is not null || _into[proposal.Other] is not null;
        if (by == proposal.By || isOver || laws.LooksAgain && !IsPossible(proposal))
        {
            return null;
        }

        _proposals.Remove(proposal);
        var before = new[] { MandatesOf(proposal.Subject), MandatesOf(proposal.Other) };
        _into[proposal.Subject] = proposal.Separates ? null : proposal.Other;
        (Merges, Separations) = (Merges + (proposal.Separates ? 0 : 1), Separations + (proposal.Separates ? 1 : 0));
        // Who it is changed no mandate: whatever was campaigned for of either is campaigned for still.
        var now = MandatesOf(proposal.Subject);
        return !proposal.Separates && before.Any(mandates => mandates.Any(mandate => now[mandate.Key] != mandate.Value)) ? "7: a merge changed a mandate" : null;
    }

    private bool IsPossible(Proposal proposal) => proposal.Separates
        ? _into[proposal.Subject] == proposal.Other && laws.ForSeparation(Facts(PersonOf(proposal.Subject))).IsNothing
        : _into[proposal.Subject] is null && _into[proposal.Other] is null && laws.ForMerge(Facts(proposal.Subject), Facts(proposal.Other)).IsNothing;

    private PersonFacts Facts(int person) => new(
        [.. NamesOf(person).SelectMany(Labels).Select(static label => $"{label}")],
        [.. _inHand.Where(review => PersonOf(review.Subject) == person).Select(static review => $"{review.Subject}")], MandatesOf(person));

    private Dictionary<string, bool> MandatesOf(int subject) => _mandates.Where(mandate => PersonOf(mandate.Subject) == PersonOf(subject))
        .GroupBy(static mandate => mandate.Aim).ToDictionary(static aim => aim.Key, static aim => aim.Last().InForce, StringComparer.Ordinal);

    // While a panel looks at it again, the label is there.
    private IEnumerable<(int Subject, int Episode)> Labels(int subject) => Enumerable.Range(0, 2).Where(episode => _stands[subject, episode]).Select(episode => (subject, episode));

    private int PersonOf(int subject)
    {
        for (var steps = 0; _into[subject] is { } into && steps < Subjects; steps++)
        {
            subject = into;
        }

        return subject;
    }

    private List<int> NamesOf(int person) => [.. Enumerable.Range(0, Subjects).Where(subject => PersonOf(subject) == person)];

    private string? Violated()
    {
        for (var subject = 0; subject < Subjects; subject++)
        {
            for (var episode = 0; episode < 2; episode++)
            {
                var state = _designations[subject, episode];
                _stands[subject, episode] = state == DesignationState.UnderReconsideration ? _stands[subject, episode] : DesignationMachine.IsInForce(state);
            }
        }

        if (Enumerable.Range(0, Subjects).Any(subject => _into[PersonOf(subject)] is not null))
        {
            return "a name leads to nobody";
        }

        if (Enumerable.Range(0, Subjects).Select(PersonOf).Distinct().Any(person => NamesOf(person).SelectMany(Labels).Count() > 1))
        {
            return "a person carries two labels";
        }

        return _inHand.Exists(review => !review.SeatedFor.SetEquals(NamesOf(PersonOf(review.Subject)))) ? "a panel judges another person than it was seated for" : null;
    }

    private static DesignationState[,] Filled()
    {
        var all = new DesignationState[Subjects, 2];
        for (var i = 0; i < all.Length; i++)
        {
            all[i / 2, i % 2] = DesignationState.Proposed;
        }

        return all;
    }

    private sealed record Proposal(int Subject, int Other, bool Separates, int By);
}
