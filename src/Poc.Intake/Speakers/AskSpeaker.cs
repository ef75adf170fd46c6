using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Speakers;

/// <summary>Has a person asked by mail whether a request is theirs. The code is in the event alone; here is only its hash.</summary>
internal sealed class AskSpeaker(IdempotentWrites writes, IOptions<IntakeOptions> options, IdSource ids, TimeProvider clock)
{
    // 192 bits: nobody meets one by trying.
    private const int CodeBytes = 24;

    public Task<AskSpeakerResponse> HandleAsync(AskSpeakerRequest message, ServerCallContext context)
    {
        var (isRequest, isSpeaker) = (RequestName.TryParse(message.Request, out var request), SpeakerName.TryParse(message.Speaker, out var speaker));
        new Violations()
            .Uuid("request_id", message.RequestId)
            .Require(isRequest, "request", $"must be a name like {RequestName.Pattern}, as it was given")
            .Require(isSpeaker, "speaker", $"must be a name like {SpeakerName.Pattern}, as it was given")
            .ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, tx => AskAsync(tx, request, speaker, context.Caller()), context.CancellationToken);
    }

    private async Task<AskSpeakerResponse> AskAsync(Tx tx, RequestName request, SpeakerName speaker, Caller caller)
    {
        var (_, registered) = await SpeakerChecks.RequireAsync(tx, request, speaker);
        if (registered.Recipient.Length == 0)
        {
            throw IntakeErrors.SpeakerChannelMissing(speaker.ToString());
        }

        var (id, now, code) = (ids.Next(), clock.GetUtcNow(), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(CodeBytes)));
        await SpeakerChecks.AddAsync(tx, new NewCheck(id, request.Id, speaker.Id, "mail", caller.Id, now)
        {
            CodeSha256 = SHA256.HashData(Encoding.UTF8.GetBytes(code)),
            ExpiresAt = now + options.Value.SpeakerCodeLifetime,
        });
        await Outbox.AddAsync(tx, new SpeakerAsked(ids.Next(), $"speakerChecks/{id:D}", 1, now, registered.Recipient, code));
        return new AskSpeakerResponse { Check = (await SpeakerChecks.OfRequestAsync(tx, request.Id)).Single(check => check.Name == $"speakerChecks/{id:D}") };
    }
}
