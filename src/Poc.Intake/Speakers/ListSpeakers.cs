using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Speakers;

/// <summary>Who may speak for a subject, and who might once.</summary>
internal sealed class ListSpeakers(Database database)
{
    public async Task<ListSpeakersResponse> HandleAsync(ListSpeakersRequest message, ServerCallContext context)
    {
        new Violations().Name("parent", message.Parent, "subjects/{subject}").ThrowIfAny();
        return new ListSpeakersResponse { Speakers = { await database.ReadAsync(tx => SpeakerRegister.OfSubjectAsync(tx, message.Parent), context.CancellationToken) } };
    }
}
