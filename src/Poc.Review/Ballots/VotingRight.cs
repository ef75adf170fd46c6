using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Dossiers;
using static Poc.Contracts.Review.V1.Dossier.Types;

namespace Poc.Review.Ballots;

/// <summary>Who may seal something in a dossier at this moment.</summary>
internal static class VotingRight
{
    private const string MemberSql = "SELECT conflict FROM panel_members WHERE dossier = $1 AND staff = $2";

    /// <summary>The dossier, locked, in which the caller may act as a member of the panel while voting is sealed and its term runs.</summary>
    /// <exception cref="RpcError">NOT_FOUND DOSSIER_NOT_FOUND, PERMISSION_DENIED NOT_ON_PANEL, FAILED_PRECONDITION VOTING_CLOSED,
    /// ILLEGAL_TRANSITION.</exception>
    public static async Task<DossierRecord> LockAsync(Tx tx, string name, DossierAction action, Caller caller, DateTimeOffset now)
    {
        var dossier = await DossierRecord.LockAsync(tx, name);
        if (dossier.State != State.Gathering && await tx.QuerySingleOrDefaultAsync<string>(MemberSql, static row => row.GetString(0), name,
            caller.Id) is not "")
        {
            throw ReviewErrors.NotOnPanel(name);
        }

        var closed = dossier.State is State.BallotsOpen or State.Drafted or State.Decided || dossier.State == State.Voting && now >= dossier.VotingEndsAt;
        return closed ? throw ReviewErrors.VotingClosed(name) : dossier.Require(action);
    }
}
