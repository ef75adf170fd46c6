using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Partners;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>
/// Files a request. What is answered OK is on disk; a repetition under the same request id gets the first answer, to the last byte. The hot path: its SQL is in
/// <see cref="RequestStore"/>, one hop further than elsewhere, because submissions of many callers are committed together.
/// </summary>
internal sealed class SubmitRequest(
    GroupCommit commits, Withdrawal withdrawal, Quota quota, CitedStatements cited, Database database, IdSource ids, TimeProvider clock, IntakeMetrics metrics)
{
    public async Task<SubmitRequestResponse> HandleAsync(SubmitRequestRequest message, ServerCallContext context)
    {
        RequestRules.Check(message);
        var partner = context.Caller().Id;
        await quota.TakeAsync(partner, context.CancellationToken);

        var filing = Filing.Of(partner["partners/".Length..], message, ids.Next(), ids.Next(), clock.GetUtcNow());
        var row = await StoreAsync(filing, context.CancellationToken);
        if (!row.BodySha256.AsSpan().SequenceEqual(filing.Row.BodySha256))
        {
            throw CommonErrors.RequestIdReused(message.RequestId);
        }

        metrics.Received(row.Kind);
        return row.ToAnswer();
    }

    private async Task<RequestRow> StoreAsync(Filing filing, CancellationToken cancellation)
    {
        if (filing.Row.CitedStatements.Count > 0)
        {
            // A repetition is answered even when the archive is away, or has erased since what was cited.
            if (await database.ReadAsync(tx => RequestStore.FindAsync(tx, [filing.Row]), cancellation) is { Count: 1 } known)
            {
                return known.Values.Single();
            }

            await cited.RequireKnownAsync(filing.Row.CitedStatements, cancellation);
        }

        return filing.Row.Kind == RequestKind.Withdraw ? await withdrawal.StoreAsync(filing, cancellation) : await commits.StoreAsync(filing, cancellation);
    }
}
