using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Notification.Plans;

/// <summary>A plan with its waves and how far they are.</summary>
internal sealed class GetRecipientPlan(Database database)
{
    public async Task<GetRecipientPlanResponse> HandleAsync(GetRecipientPlanRequest request, CancellationToken cancellation)
    {
        new Violations().Name("name", request.Name, ResourceNames.PlanPattern).ThrowIfAny();
        var plan = await database.ReadAsync(tx => PlanReading.ReadAsync(tx, ResourceNames.Id(request.Name)), cancellation);
        return new GetRecipientPlanResponse { RecipientPlan = plan };
    }
}
