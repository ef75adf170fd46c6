using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;

namespace Poc.Intake.Speakers;

/// <summary>Closes an incident with what was found and done.</summary>
internal sealed class CloseImpostorIncident(IdempotentWrites writes, TimeProvider clock)
{
    private const string Close = "UPDATE impostor_incidents SET closed_at = $2, closed_by = $3, resolution = $4 WHERE id = $1 AND closed_at IS NULL";

    public Task<CloseImpostorIncidentResponse> HandleAsync(CloseImpostorIncidentRequest message, ServerCallContext context)
    {
        new Violations()
            .Uuid("request_id", message.RequestId)
            .Require(ImpostorIncidents.TryParse(message.Name, out var id), "name", "must be a name like impostorIncidents/{incident}, as it was given")
            .NotBlank("resolution", message.Resolution)
            .MaxLength("resolution", message.Resolution, OpenImpostorIncident.MaxText)
            .Require(RequestRules.IsStorable(message.Resolution), "resolution", "must not have the character U+0000 nor half of a surrogate pair")
            .ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, async tx =>
        {
            var closed = await tx.ExecuteAsync(Close, id, clock.GetUtcNow(), context.Caller().Id, message.Resolution);
            var incident = await ImpostorIncidents.FindAsync(tx, id);
            return closed == 1 ? new CloseImpostorIncidentResponse { Incident = incident } : throw IntakeErrors.IncidentClosed(message.Name);
        }, context.CancellationToken);
    }
}
