using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>The receipt of a request; the same for ever.</summary>
internal sealed class GetReceipt(Database database)
{
    private const string Select = $"SELECT {RequestRow.Columns} FROM requests WHERE id = $1 AND partner_id = $2";

    public async Task<GetReceiptResponse> HandleAsync(GetReceiptRequest message, ServerCallContext context)
    {
        var name = RequestAccess.Require(context.Caller(), message.Name, "/receipt");
        var row = await database.ReadAsync(tx => tx.QuerySingleOrDefaultAsync(Select, RequestRow.Read, name.Id, name.Partner), context.CancellationToken);
        return new GetReceiptResponse { Receipt = row?.ToReceipt() ?? throw IntakeErrors.RequestNotFound(name.ToString()) };
    }
}
