using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Panels;

/// <summary>What everybody is held to who is to sit on a panel, at its seating or afterwards.</summary>
internal static class PanelChecks
{
    /// <summary>Refuses who took part in what is appealed, and who has a tie to the subject on record; from here on ties to the subject wait for this transaction.</summary>
    /// <exception cref="RpcError">FAILED_PRECONDITION PANEL_MEMBER_CONFLICTED, PANEL_MEMBER_TIED.</exception>
    public static async Task RequireAsync(Tx tx, DossierRecord dossier, IReadOnlyList<string> people)
    {
        var conflicted = PanelEligibility.Conflicted(people, await EarlierDeciders.OfAsync(tx, dossier.Appeals));
        if (conflicted.Count > 0)
        {
            throw ReviewErrors.PanelMemberConflicted(conflicted);
        }

        await TieLedger.LockAsync(tx, dossier.Subject);
        var tied = await TieLedger.TiedAsync(tx, dossier.Subject, people);
        if (tied.Count > 0)
        {
            throw ReviewErrors.PanelMemberTied(tied, dossier.Subject);
        }
    }
}
