using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Speakers;

/// <summary>One incident.</summary>
internal sealed class GetImpostorIncident(Database database)
{
    public async Task<GetImpostorIncidentResponse> HandleAsync(GetImpostorIncidentRequest message, ServerCallContext context)
    {
        new Violations().Require(ImpostorIncidents.TryParse(message.Name, out var id), "name", "must be a name like impostorIncidents/{incident}, as it was given").ThrowIfAny();
        return new GetImpostorIncidentResponse { Incident = await database.ReadAsync(tx => ImpostorIncidents.FindAsync(tx, id), context.CancellationToken) };
    }
}
