using Poc.Postgres;
using Poc.Review.Ballots;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Panels;

/// <summary>
/// A member leaves a panel for a conflict: the quorum no longer counts them, and a ballot of theirs stays sealed in the record and is not counted. Where they were the last one
/// outstanding, the ballots open.
/// </summary>
internal sealed class SteppingBack(ProtocolShelf shelf, RoundOpening opening, TimeProvider clock)
{
    private const string ConflictSql = "UPDATE panel_members SET conflict = $3 WHERE dossier = $1 AND staff = $2 AND conflict = ''";

    /// <summary>False where they are not on the panel, or have stepped back before.</summary>
    /// <param name="tx">The transaction, which has locked the dossier.</param>
    /// <param name="dossier">A review whose ballots are sealed.</param>
    /// <param name="staff">Who.</param>
    /// <param name="reason">Why; on the dossier for staff to read.</param>
    public async Task<bool> TryAsync(Tx tx, DossierRecord dossier, string staff, string reason)
    {
        if (await tx.ExecuteAsync(ConflictSql, dossier.Name, staff, reason) == 0)
        {
            return false;
        }

        var box = await BallotBox.ReadAsync(tx, dossier.Name);
        if (Quorum.OpensAll(box.Eligible.Count, box.Cast, shelf.Of(dossier.Protocol!.Value).Quorum))
        {
            await opening.OpenAsync(tx, dossier, box, clock.GetUtcNow());
        }
        else
        {
            await dossier.TouchAsync(tx);
        }

        return true;
    }
}
