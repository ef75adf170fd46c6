using Grpc.Core;
using Microsoft.Extensions.Options;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>What a partner may call, and how much of it.</summary>
internal sealed class GetPartnerLimits(Database database, IOptions<IntakeOptions> options)
{
    private const string PartnerExists = "SELECT EXISTS (SELECT FROM partners WHERE partner_id = $1)";

    public async Task<GetPartnerLimitsResponse> HandleAsync(GetPartnerLimitsRequest message, ServerCallContext context)
    {
        new Violations().Name("name", message.Name, "partners/{partner}/limits").ThrowIfAny();
        var partner = message.Name.Split('/')[1];
        return await database.ReadAsync(
            async tx => await tx.ScalarAsync<bool>(PartnerExists, partner)
                ? new GetPartnerLimitsResponse { Limits = (await LimitsInEffect.ReadAsync(tx, partner, options.Value)).ToProto(message.Name) }
                : throw IntakeErrors.PartnerNotFound($"partners/{partner}"),
            context.CancellationToken);
    }
}
