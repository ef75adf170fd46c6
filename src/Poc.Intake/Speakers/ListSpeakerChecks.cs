using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Postgres;

namespace Poc.Intake.Speakers;

/// <summary>Every check of a request.</summary>
internal sealed class ListSpeakerChecks(Database database)
{
    private const string Exists = "SELECT id FROM requests WHERE id = $1 AND partner_id = $2";

    public async Task<ListSpeakerChecksResponse> HandleAsync(ListSpeakerChecksRequest message, ServerCallContext context)
    {
        var wellFormed = RequestName.TryParse(message.Request, out var name);
        new Violations().Require(wellFormed, "request", $"must be a name like {RequestName.Pattern}, as it was given").ThrowIfAny();
        var checks = await database.ReadAsync(
            async tx => await tx.QuerySingleOrDefaultAsync(Exists, static row => row.GetGuid(0), name.Id, name.Partner) == Guid.Empty
                ? throw IntakeErrors.RequestNotFound(message.Request) : await SpeakerChecks.OfRequestAsync(tx, name.Id),
            context.CancellationToken);
        return new ListSpeakerChecksResponse { Checks = { checks } };
    }
}
