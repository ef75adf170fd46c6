using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;

namespace Poc.Intake.Speakers;

/// <summary>Puts on record that somebody pretended to speak for a subject, in another way than by a request.</summary>
internal sealed class OpenImpostorIncident(IdempotentWrites writes, ImpostorIncidents incidents)
{
    internal const int MaxText = 10_000;

    public Task<OpenImpostorIncidentResponse> HandleAsync(OpenImpostorIncidentRequest message, ServerCallContext context)
    {
        var incident = message.Incident ?? new ImpostorIncident();
        var isSpeaker = SpeakerName.TryParse(incident.Speaker, out var speaker);
        new Violations()
            .Uuid("request_id", message.RequestId)
            .Name("incident.subject", incident.Subject, "subjects/{subject}")
            .Require(incident.Speaker.Length == 0 || (isSpeaker && speaker.Subject == incident.Subject), "incident.speaker", $"must be a name like {SpeakerName.Pattern}, of the same subject")
            .NotBlank("incident.description", incident.Description)
            .MaxLength("incident.description", incident.Description, MaxText)
            .Require(RequestRules.IsStorable(incident.Description), "incident.description", "must not have the character U+0000 nor half of a surrogate pair")
            .ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, async tx =>
        {
            if (isSpeaker)
            {
                _ = await SpeakerRegister.FindAsync(tx, speaker);
            }

            return new OpenImpostorIncidentResponse
            {
                Incident = await incidents.OpenAsync(tx, new NewIncident(incident.Subject, incident.Description, context.Caller().Id) { Speaker = isSpeaker ? speaker : null }),
            };
        }, context.CancellationToken);
    }
}
