using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Bulk;

/// <summary>How far an import is.</summary>
internal sealed class GetImport(Database database)
{
    public async Task<GetImportResponse> HandleAsync(GetImportRequest message, ServerCallContext context)
    {
        var name = ImportName.Require(context.Caller(), "name", message.Name);
        return new GetImportResponse { Import = await database.ReadAsync(tx => ImportLedger.FindAsync(tx, name), context.CancellationToken) };
    }
}
