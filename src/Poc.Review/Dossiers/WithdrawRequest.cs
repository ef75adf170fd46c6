using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;

namespace Poc.Review.Dossiers;

/// <summary>Marks a request as taken back. It stays in its dossier, and so does what it cites: others may rely on it.</summary>
internal sealed class WithdrawRequest
{
    private const string InsertSql = """
        INSERT INTO request_withdrawals (request, withdrawn_by, withdrawn_at) VALUES ($1, $2, $3) ON CONFLICT ON CONSTRAINT pk_request_withdrawals DO NOTHING
        """;

    public Task HandleAsync(Tx tx, RequestWithdrawn withdrawn) => tx.ExecuteAsync(InsertSql, withdrawn.Aggregate, withdrawn.By, withdrawn.OccurredAt);
}
