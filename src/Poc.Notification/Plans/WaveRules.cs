using Poc.Contracts.Notification.V1;

namespace Poc.Notification.Plans;

/// <summary>A wave as the rules see it.</summary>
/// <param name="Number">Its place, from 1.</param>
/// <param name="IsOpen">Its recipients were told.</param>
/// <param name="IsCompleted">Nothing is awaited any more.</param>
/// <param name="Awaited">Mandatory recipients who have not acknowledged; all of them while it is not open.</param>
internal sealed record WaveState(int Number, bool IsOpen, bool IsCompleted, int Awaited);

/// <summary>What happens to a wave now.</summary>
/// <param name="Overridden">It completes although a mandatory recipient has not acknowledged.</param>
internal sealed record WaveStep(int Number, bool Opens, bool Completes, bool Overridden);

/// <summary>
/// When waves open (DOMAIN.md, invariant 10). The first opens at the start; each further one when the one before is completed, which it is when all its
/// mandatory recipients acknowledged. A wave that has none completes as it opens. Waves complete in the order of their numbers, whatever opens them.
/// </summary>
internal static class WaveRules
{
    /// <summary>What follows from what was acknowledged so far; empty when the plan has to wait.</summary>
    /// <param name="waves">All waves in the order of their numbers.</param>
    public static IReadOnlyList<WaveStep> Advance(IReadOnlyList<WaveState> waves)
    {
        var steps = new List<WaveStep>();
        foreach (var wave in waves)
        {
            var completes = !wave.IsCompleted && wave.Awaited == 0;
            if (!wave.IsOpen || completes)
            {
                steps.Add(new WaveStep(wave.Number, Opens: !wave.IsOpen, completes, Overridden: false));
            }

            if (!wave.IsCompleted && !completes)
            {
                break;
            }
        }

        return steps;
    }

    /// <summary>The wave that is waited for completes as it is, and what follows from that.</summary>
    /// <param name="waves">All waves in the order of their numbers; one of them is open and not completed.</param>
    public static IReadOnlyList<WaveStep> Override(IReadOnlyList<WaveState> waves)
    {
        var held = Held(waves);
        return [.. Advance([.. waves.Select(wave => wave == held ? wave with { Awaited = 0 } : wave)])
            .Select(step => step.Number == held.Number ? step with { Overridden = true } : step)];
    }

    /// <summary>Everyone is told at once; what was not acknowledged by then is overridden.</summary>
    public static IReadOnlyList<WaveStep> Leak(IReadOnlyList<WaveState> waves) =>
        [.. waves.Where(static wave => !wave.IsCompleted).Select(static wave => new WaveStep(wave.Number, !wave.IsOpen, Completes: true, wave.Awaited > 0))];

    /// <summary>The wave that the next one waits for.</summary>
    public static WaveState Held(IReadOnlyList<WaveState> waves) => waves.First(static wave => wave is { IsOpen: true, IsCompleted: false });

    /// <summary>
    /// The order of waves after audiences were added that nobody prepared: what was prepared keeps its order, and each addition stands before the first
    /// prepared wave of an audience that is usually told later, so that nobody comes after the public.
    /// </summary>
    public static IReadOnlyList<Audience> Place(IReadOnlyList<Audience> prepared, IEnumerable<Audience> added)
    {
        var order = prepared.ToList();
        foreach (var audience in added.Except(prepared).Order())
        {
            var before = order.FindIndex(existing => existing > audience);
            order.Insert(before < 0 ? order.Count : before, audience);
        }

        return order;
    }

    /// <summary>
    /// The waves of a plan that nobody prepared: the audiences that the protocol names, in its order, and then the public, so that nothing is public before all
    /// of them acknowledged. Staff have no wave.
    /// </summary>
    public static IReadOnlyList<Audience> WithoutPlan(IEnumerable<Audience> mandatory) =>
        [.. mandatory.Where(static audience => audience is not (Audience.Public or Audience.Staff)).Distinct(), Audience.Public];
}
