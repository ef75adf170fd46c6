using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Notification.Plans;

/// <summary>Opens the next wave although a mandatory recipient has not acknowledged; who and why is kept.</summary>
internal sealed class OverrideWave(IdempotentWrites writes, PlanProgress progress)
{
    /// <summary>Longest reason, in characters.</summary>
    public const int MaxReason = 2_000;

    private const string InsertOverrideSql = "INSERT INTO plan_overrides (decision_id, staff, reason, wave) VALUES ($1, $2, $3, $4)";

    public Task<OverrideWaveResponse> HandleAsync(OverrideWaveRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("plan", request.Plan, ResourceNames.PlanPattern)
            .NotBlank("reason", request.Reason)
            .MaxLength("reason", request.Reason, MaxReason)
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => ApplyAsync(tx, request, caller), cancellation);
    }

    private async Task<OverrideWaveResponse> ApplyAsync(Tx tx, OverrideWaveRequest request, Caller caller)
    {
        var decisionId = ResourceNames.Id(request.Plan);
        await PlanProgress.LockAsync(tx);
        await RunningPlan.RequireAsync(tx, decisionId);
        var waves = await PlanProgress.WavesAsync(tx, decisionId);
        await tx.ExecuteAsync(InsertOverrideSql, decisionId, caller.Id, request.Reason, WaveRules.Held(waves).Number + 1);
        await progress.TakeStepsAsync(tx, decisionId, WaveRules.Override(waves));
        return new OverrideWaveResponse { RecipientPlan = await PlanReading.ReadAsync(tx, decisionId) };
    }
}
