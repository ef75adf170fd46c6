using Poc.Contracts.Events.Intake.V1;
using Poc.Kernel;
using Poc.Postgres;
using static Poc.Contracts.Intake.V1.Request.Types;

namespace Poc.Intake.Requests;

/// <summary>
/// Carries a WITHDRAW out: the filing, the end of the request that it takes back and the event of that are one transaction. Rare, and it needs a lock: it does not go
/// through <see cref="GroupCommit"/>.
/// </summary>
internal sealed class Withdrawal(IdSource ids, TimeProvider clock)
{
    /// <summary>Ends the request that a stored WITHDRAW names, and answers the WITHDRAW.</summary>
    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND (REQUEST_NOT_FOUND), FAILED_PRECONDITION (REQUEST_CLOSED): about the request to be taken back.</exception>
    public async Task TakeBackAsync(Tx tx, RequestRow filing)
    {
        _ = RequestName.TryParse(filing.Withdraws, out var target);
        if (target.Partner != filing.Partner || await RequestStates.LockAsync(tx, target) is not { } state)
        {
            throw IntakeErrors.RequestNotFound(filing.Withdraws!);
        }

        if (!RequestLifecycle.Allows(state, State.Withdrawn))
        {
            throw IntakeErrors.RequestClosed(filing.Withdraws!, EnumText<State>.Of(state));
        }

        var now = clock.GetUtcNow();
        await RequestStates.AppendAsync(tx, target.Id, State.Withdrawn, now, RequestStates.WithdrawnByPartner, filing.Name.ToString());
        await RequestStates.AppendAsync(tx, filing.Id, State.Answered, now, RequestStates.WithdrawalDone);
        await Outbox.AddAsync(tx, new RequestWithdrawn(ids.Next(), target.ToString(), 1, now, filing.Name.ToString()));
    }
}
