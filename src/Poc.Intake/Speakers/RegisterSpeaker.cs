using System.Text.RegularExpressions;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Kernel;

namespace Poc.Intake.Speakers;

/// <summary>Registers a person who may speak for a subject, with the channel over which they will be asked.</summary>
internal sealed partial class RegisterSpeaker(IdempotentWrites writes, IdSource ids, TimeProvider clock)
{
    private const int MaxBasis = 2_000;

    private const string Insert =
        """
        INSERT INTO speakers (id, subject, display_name, capacity, recipient, phone, basis, registered_at, registered_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    public Task<RegisterSpeakerResponse> HandleAsync(RegisterSpeakerRequest message, ServerCallContext context)
    {
        var speaker = message.Speaker ?? new Speaker();
        var wrong = new Violations()
            .Uuid("request_id", message.RequestId)
            .Name("parent", message.Parent, "subjects/{subject}")
            .NotBlank("speaker.display_name", speaker.DisplayName)
            .MaxLength("speaker.display_name", speaker.DisplayName, RequestRules.MaxName)
            .Require(PersonName.IsPlain(speaker.DisplayName), "speaker.display_name", PersonName.Rule)
            .Specified("speaker.capacity", speaker.Capacity)
            .Require(speaker.Recipient.Length + speaker.Phone.Length > 0, "speaker", "must have a recipient or a phone")
            .Require(speaker.Phone.Length == 0 || Phone().IsMatch(speaker.Phone), "speaker.phone", "must be + and 6 to 15 digits")
            .NotBlank("speaker.basis", speaker.Basis)
            .MaxLength("speaker.basis", speaker.Basis, MaxBasis)
            .Require(RequestRules.IsStorable(speaker.Basis), "speaker.basis", "must not have the character U+0000 nor half of a surrogate pair");
        if (speaker.Recipient.Length > 0)
        {
            wrong.Name("speaker.recipient", speaker.Recipient, "recipients/{recipient}");
        }

        wrong.ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, async tx =>
        {
            var name = new SpeakerName(message.Parent, ids.Next());
            await tx.ExecuteAsync(
                Insert, name.Id, name.Subject, speaker.DisplayName, EnumText<Speaker.Types.Capacity>.Of(speaker.Capacity), OrNull(speaker.Recipient), OrNull(speaker.Phone), speaker.Basis,
                clock.GetUtcNow(), context.Caller().Id);
            return new RegisterSpeakerResponse { Speaker = await SpeakerRegister.FindAsync(tx, name) };
        }, context.CancellationToken);
    }

    private static string? OrNull(string text) => text.Length == 0 ? null : text;

    [GeneratedRegex("^\\+[0-9]{6,15}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Phone();
}
