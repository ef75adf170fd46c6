using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Operations;

/// <summary>An operation as it is now.</summary>
internal sealed class GetOperation(Database database, TimeProvider clock)
{
    public async Task<GetOperationResponse> HandleAsync(GetOperationRequest message, ServerCallContext context)
    {
        var name = OperationName.Require(context.Caller(), message.Name);
        return new GetOperationResponse { Operation = await database.ReadAsync(tx => ExportRow.FindAsync(tx, name, clock.GetUtcNow()), context.CancellationToken) };
    }
}
