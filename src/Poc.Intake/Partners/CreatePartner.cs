using System.Text.RegularExpressions;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;

namespace Poc.Intake.Partners;

/// <summary>Registers a partner organisation or a section.</summary>
internal sealed partial class CreatePartner(IdempotentWrites writes, TimeProvider clock)
{
    private const string Insert =
        """
        INSERT INTO partners (partner_id, display_name, kind, created_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT ON CONSTRAINT pk_partners DO NOTHING
        """;

    public Task<CreatePartnerResponse> HandleAsync(CreatePartnerRequest message, ServerCallContext context)
    {
        var partner = message.Partner ?? new Partner();
        new Violations()
            .Uuid("request_id", message.RequestId)
            .Require(PartnerId().IsMatch(message.PartnerId), "partner_id", "must be 3 to 40 lower-case letters, digits and hyphens, and not only hyphens")
            .NotBlank("partner.display_name", partner.DisplayName)
            .MaxLength("partner.display_name", partner.DisplayName, RequestRules.MaxName)
            .Require(PersonName.IsPlain(partner.DisplayName), "partner.display_name", PersonName.Rule)
            .Specified("partner.kind", partner.Kind)
            .ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, async tx =>
        {
            var name = $"partners/{message.PartnerId}";
            if (await tx.ExecuteAsync(Insert, message.PartnerId, partner.DisplayName, EnumText<Partner.Types.Kind>.Of(partner.Kind), clock.GetUtcNow()) == 0)
            {
                throw IntakeErrors.PartnerExists(name);
            }

            return new CreatePartnerResponse { Partner = new Partner { Name = name, DisplayName = partner.DisplayName, Kind = partner.Kind } };
        }, context.CancellationToken);
    }

    // A hyphen alone means "all partners" in names.
    [GeneratedRegex("^(?=.*[a-z0-9])[a-z0-9-]{3,40}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex PartnerId();
}
