using Poc.Contracts.Notification.V1;
using Poc.Postgres;

namespace Poc.Notification.Plans;

/// <summary>What an exception to a plan presupposes: that people are being told, and that somebody is not told yet.</summary>
internal static class RunningPlan
{
    private const string StateSql = "SELECT state FROM recipient_plans WHERE decision_id = $1";

    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND PLAN_NOT_FOUND; FAILED_PRECONDITION PLAN_NOT_STARTED, PLAN_COMPLETED.</exception>
    public static async Task RequireAsync(Tx tx, string decisionId)
    {
        var name = ResourceNames.Plan(decisionId);
        var state = await tx.QuerySingleOrDefaultAsync(StateSql, static row => row.GetString(0), decisionId) ?? throw NotificationErrors.PlanNotFound(name);
        switch (EnumText<RecipientPlan.Types.State>.Parse(state))
        {
            case RecipientPlan.Types.State.Prepared:
                throw NotificationErrors.PlanNotStarted(name);
            case RecipientPlan.Types.State.Completed:
                throw NotificationErrors.PlanCompleted(name);
        }
    }
}
