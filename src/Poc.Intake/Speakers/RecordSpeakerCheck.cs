using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Speakers;

/// <summary>Records what a person said over their registered telephone.</summary>
internal sealed class RecordSpeakerCheck(IdempotentWrites writes, ImpostorIncidents incidents, IdSource ids, TimeProvider clock)
{
    private const int MaxHow = 2_000;

    public Task<RecordSpeakerCheckResponse> HandleAsync(RecordSpeakerCheckRequest message, ServerCallContext context)
    {
        var (isRequest, isSpeaker) = (RequestName.TryParse(message.Request, out var request), SpeakerName.TryParse(message.Speaker, out var speaker));
        new Violations()
            .Uuid("request_id", message.RequestId)
            .Require(isRequest, "request", $"must be a name like {RequestName.Pattern}, as it was given")
            .Require(isSpeaker, "speaker", $"must be a name like {SpeakerName.Pattern}, as it was given")
            .NotBlank("how", message.How)
            .MaxLength("how", message.How, MaxHow)
            .Require(RequestRules.IsStorable(message.How), "how", "must not have the character U+0000 nor half of a surrogate pair")
            .ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, tx => RecordAsync(tx, message, request, speaker, context.Caller()), context.CancellationToken);
    }

    private async Task<RecordSpeakerCheckResponse> RecordAsync(Tx tx, RecordSpeakerCheckRequest message, RequestName request, SpeakerName speaker, Caller caller)
    {
        var (_, registered) = await SpeakerChecks.RequireAsync(tx, request, speaker);
        if (registered.Phone.Length == 0)
        {
            throw IntakeErrors.SpeakerChannelMissing(speaker.ToString());
        }

        var id = ids.Next();
        await SpeakerChecks.AddAsync(tx, new NewCheck(id, request.Id, speaker.Id, message.How, caller.Id, clock.GetUtcNow())
        {
            Outcome = message.Confirms ? SpeakerStanding.Verified : SpeakerStanding.Mismatch,
        });
        await SpeakerChecks.SetStandingAsync(tx, request.Id);
        if (!message.Confirms)
        {
            await incidents.OpenAsync(tx, new NewIncident(speaker.Subject, message.How, caller.Id) { Request = request, Speaker = speaker });
        }

        return new RecordSpeakerCheckResponse { Check = (await SpeakerChecks.OfRequestAsync(tx, request.Id)).Single(check => check.Name == $"speakerChecks/{id:D}") };
    }
}
