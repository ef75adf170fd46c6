using Poc.Contracts.Events.Review.V1;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>A decision is public: every request of its dossier is answered with it.</summary>
internal sealed class AnswerRequests(TimeProvider clock)
{
    // See ApplyAdmissibility: requests that join the dossier later are answered there.
    private const string LockDossier = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

    private const string InsertAnnounced =
        """
        INSERT INTO announced_decisions (dossier, decision, outcome, announced_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT ON CONSTRAINT pk_announced_decisions DO NOTHING
        """;

    private const string Answer =
        """
        WITH answered AS (
            UPDATE requests
            SET state = 'ANSWERED', state_sequence = state_sequence + 1, state_reason = $2, state_detail = '', decision = $3, outcome = $4, answered_at = $5
            WHERE dossier = $1 AND state = 'IN_DOSSIER'
            RETURNING id, state_sequence
        ), history AS (
            INSERT INTO request_states (request, sequence, state, state_reason, state_detail, changed_at)
            SELECT id, state_sequence, 'ANSWERED', $2, '', $5 FROM answered
        )
        SELECT count(pg_notify('request_states', id::text)) FROM answered
        """;

    public async Task HandleAsync(Tx tx, DecisionAnnounced announced)
    {
        await tx.ExecuteAsync(LockDossier, announced.Dossier);
        await tx.ExecuteAsync(InsertAnnounced, announced.Dossier, announced.Aggregate, announced.Outcome, announced.OccurredAt);
        await tx.ExecuteAsync(Answer, announced.Dossier, RequestStates.DecisionAnnounced, announced.Aggregate, announced.Outcome, clock.GetUtcNow());
    }
}
