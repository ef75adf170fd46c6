using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Notification.Plans;

/// <summary>The decision has leaked: all waves open at once, and what was not acknowledged by then is overridden; who said so and why is kept.</summary>
internal sealed class EnterLeakMode(IdempotentWrites writes, PlanProgress progress)
{
    private const string InsertOverrideSql = "INSERT INTO plan_overrides (decision_id, staff, reason, wave) VALUES ($1, $2, $3, 0)";

    private const string LeakSql = "UPDATE recipient_plans SET leak_mode = true WHERE decision_id = $1";

    public Task<EnterLeakModeResponse> HandleAsync(EnterLeakModeRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("plan", request.Plan, ResourceNames.PlanPattern)
            .NotBlank("reason", request.Reason)
            .MaxLength("reason", request.Reason, OverrideWave.MaxReason)
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => ApplyAsync(tx, request, caller), cancellation);
    }

    private async Task<EnterLeakModeResponse> ApplyAsync(Tx tx, EnterLeakModeRequest request, Caller caller)
    {
        var decisionId = ResourceNames.Id(request.Plan);
        await PlanProgress.LockAsync(tx);
        await RunningPlan.RequireAsync(tx, decisionId);
        await tx.ExecuteAsync(LeakSql, decisionId);
        await tx.ExecuteAsync(InsertOverrideSql, decisionId, caller.Id, request.Reason);
        await progress.TakeStepsAsync(tx, decisionId, WaveRules.Leak(await PlanProgress.WavesAsync(tx, decisionId)));
        return new EnterLeakModeResponse { RecipientPlan = await PlanReading.ReadAsync(tx, decisionId) };
    }
}
