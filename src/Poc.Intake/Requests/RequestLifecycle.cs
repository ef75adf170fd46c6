using static Poc.Contracts.Intake.V1.Request.Types;

namespace Poc.Intake.Requests;

/// <summary>
/// Which state may follow which: Received, then Admissible or Inadmissible, then InDossier, then Answered; Withdrawn from wherever it is still open.
/// Pure; the rule is DOMAIN's "Request".
/// </summary>
internal static class RequestLifecycle
{
    /// <summary>Whether nothing follows any more.</summary>
    public static bool IsClosed(State state) => state is State.Answered or State.Inadmissible or State.Withdrawn;

    /// <summary>Whether <paramref name="next"/> may follow <paramref name="current"/>.</summary>
    public static bool Allows(State current, State next) => (current, next) switch
    {
        (State.Received, State.Admissible or State.Inadmissible) => true,
        (State.Admissible, State.InDossier) => true,
        (State.InDossier, State.Answered) => true,
        (_, State.Withdrawn) => !IsClosed(current),
        _ => false,
    };

    /// <exception cref="InvalidOperationException">The one may not follow the other: somebody upstream is wrong, and a person must see it (error queue).</exception>
    public static void Require(State current, State next)
    {
        if (!Allows(current, next))
        {
            throw new InvalidOperationException($"A request that is {EnumText<State>.Of(current)} cannot become {EnumText<State>.Of(next)}.");
        }
    }
}
