using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;

namespace Poc.Review.Dossiers;

/// <summary>Puts a public act on the pressure page of the subject's dossiers. Nothing that is judged reads it.</summary>
internal sealed class NoteAmplification
{
    private const string InsertSql = """
        INSERT INTO amplification_events (name, subject, occurred_on, statement) VALUES ($1, $2, $3,
            $4) ON CONFLICT ON CONSTRAINT pk_amplification_events DO NOTHING
        """;

    public Task HandleAsync(Tx tx, AmplificationEventRecorded recorded) =>
        tx.ExecuteAsync(InsertSql, recorded.Aggregate, recorded.Subject, recorded.OccurredOn, recorded.Statement);
}
