using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Operations;

/// <summary>Ends an operation that runs. It waits for the page that is being written, so that nothing is written afterwards.</summary>
internal sealed class CancelOperation(Database database, TimeProvider clock)
{
    private const string Cancel =
        "UPDATE exports SET state = 'CANCELLED', finished_at = $3, updated_at = $3 WHERE id = $1 AND partner_id = $2 AND state = 'RUNNING'";

    private const string Drop = "DELETE FROM export_chunks WHERE export = $1";

    public async Task<CancelOperationResponse> HandleAsync(CancelOperationRequest message, ServerCallContext context)
    {
        var name = OperationName.Require(context.Caller(), message.Name);
        return new CancelOperationResponse
        {
            Operation = await database.InTransactionAsync(async tx =>
            {
                var now = clock.GetUtcNow();
                if (await tx.ExecuteAsync(Cancel, name.Id, name.Partner, now) == 1)
                {
                    await tx.ExecuteAsync(Drop, name.Id);
                }

                var operation = await ExportRow.FindAsync(tx, name, now);
                return operation.State == Operation.Types.State.Cancelled ? operation : throw IntakeErrors.OperationDone(message.Name);
            }, context.CancellationToken),
        };
    }
}
