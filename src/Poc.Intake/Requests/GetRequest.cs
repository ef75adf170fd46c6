using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>One request as it is now.</summary>
internal sealed class GetRequest(Database database)
{
    private const string Select = $"SELECT {RequestRow.Columns} FROM requests WHERE id = $1 AND partner_id = $2";

    public async Task<GetRequestResponse> HandleAsync(GetRequestRequest message, ServerCallContext context)
    {
        var name = RequestAccess.Require(context.Caller(), message.Name);
        var row = await database.ReadAsync(tx => tx.QuerySingleOrDefaultAsync(Select, RequestRow.Read, name.Id, name.Partner), context.CancellationToken);
        return new GetRequestResponse { Request = row?.ToRequest() ?? throw IntakeErrors.RequestNotFound(message.Name) };
    }
}
