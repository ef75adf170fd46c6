using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;

namespace Poc.Intake.Speakers;

/// <summary>Ends a person's entitlement; what they said before stays.</summary>
internal sealed class EndSpeaker(IdempotentWrites writes, TimeProvider clock)
{
    private const int MaxReason = 2_000;

    private const string End = "UPDATE speakers SET ended_at = $3, end_reason = $4 WHERE id = $1 AND subject = $2 AND ended_at IS NULL";

    public Task<EndSpeakerResponse> HandleAsync(EndSpeakerRequest message, ServerCallContext context)
    {
        var wellFormed = SpeakerName.TryParse(message.Name, out var name);
        new Violations()
            .Uuid("request_id", message.RequestId)
            .Require(wellFormed, "name", $"must be a name like {SpeakerName.Pattern}, as it was given")
            .NotBlank("reason", message.Reason)
            .MaxLength("reason", message.Reason, MaxReason)
            .Require(RequestRules.IsStorable(message.Reason), "reason", "must not have the character U+0000 nor half of a surrogate pair")
            .ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, async tx =>
        {
            var ended = await tx.ExecuteAsync(End, name.Id, name.Subject, clock.GetUtcNow(), message.Reason);
            var speaker = await SpeakerRegister.FindAsync(tx, name);
            return ended == 1 ? new EndSpeakerResponse { Speaker = speaker } : throw IntakeErrors.SpeakerEnded(message.Name);
        }, context.CancellationToken);
    }
}
