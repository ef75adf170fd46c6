using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Partners;
using Poc.Kernel;

namespace Poc.Intake.Requests;

/// <summary>
/// Files a request. What is answered OK is on disk; a repetition under the same request id gets the first answer, to the last byte. The hot path: its SQL is in
/// <see cref="RequestStore"/>, further away than elsewhere, because submissions of many callers are committed together (<see cref="FilingDesk"/> says which).
/// </summary>
internal sealed class SubmitRequest(FilingDesk desk, Quota quota, IdSource ids, TimeProvider clock, IntakeMetrics metrics)
{
    public async Task<SubmitRequestResponse> HandleAsync(SubmitRequestRequest message, ServerCallContext context)
    {
        RequestRules.Check(message);
        var partner = context.Caller().Id;
        await quota.TakeAsync(partner, context.CancellationToken);

        var filing = Filing.Of(partner["partners/".Length..], message, ids.Next(), ids.Next(), clock.GetUtcNow());
        var row = await desk.StoreAsync(filing, context.CancellationToken);
        if (!filing.IsSameAs(row))
        {
            throw CommonErrors.RequestIdReused(message.RequestId);
        }

        metrics.Received(row.Kind);
        return row.ToAnswer();
    }
}
