using Poc.Postgres;
using static Poc.Contracts.Intake.V1.Request.Types;

namespace Poc.Intake.Requests;

/// <summary>Adds to a request's history and keeps its current state the same as the history's last row.</summary>
internal static class RequestStates
{
    /// <summary>Channel on which each change is told after its commit; the payload is the request's id.</summary>
    public const string Channel = "request_states";

    /// <summary>Reason of the state Answered that comes with a decision.</summary>
    public const string DecisionAnnounced = "DECISION_ANNOUNCED";

    /// <summary>Reason of the state Answered of a WITHDRAW, which is carried out at once and needs no decision.</summary>
    public const string WithdrawalDone = "WITHDRAWAL_DONE";

    /// <summary>Reason of the state Withdrawn.</summary>
    public const string WithdrawnByPartner = "WITHDRAWN_BY_PARTNER";

    private const string Lock = "SELECT state FROM requests WHERE id = $1 AND partner_id = $2 FOR UPDATE";

    private const string Append =
        """
        WITH moved AS (
            UPDATE requests
            SET state = $2, state_sequence = state_sequence + 1, state_reason = $3, state_detail = $4, dossier = COALESCE($5::text, dossier),
                decision = COALESCE($6::text, decision), outcome = COALESCE($7::text, outcome), answered_at = COALESCE($8::timestamptz, answered_at)
            WHERE id = $1
            RETURNING id, state_sequence
        ), history AS (
            INSERT INTO request_states (request, sequence, state, state_reason, state_detail, changed_at)
            SELECT id, state_sequence, $2, $3, $4, $9 FROM moved
        )
        SELECT pg_notify('request_states', id::text) FROM moved
        """;

    /// <summary>The current state, locked until the transaction ends; null when there is no such request.</summary>
    public static async Task<State?> LockAsync(Tx tx, RequestName request) =>
        await tx.QuerySingleOrDefaultAsync(Lock, static row => row.GetString(0), request.Id, request.Partner) is { } state ? EnumText<State>.Parse(state) : null;

    /// <summary>Adds a state. The request must be locked by this transaction, and <see cref="RequestLifecycle"/> have been asked.</summary>
    public static Task AppendAsync(Tx tx, Guid request, State state, DateTimeOffset at, string reason = "", string detail = "", string? dossier = null, string? decision = null, string? outcome = null) =>
        tx.ExecuteAsync(Append, request, EnumText<State>.Of(state), reason, detail, dossier, decision, outcome, decision is null ? null : at, at);
}
