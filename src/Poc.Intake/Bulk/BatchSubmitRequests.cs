using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Partners;
using Poc.Intake.Requests;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Bulk;

/// <summary>Files several requests in one transaction: all of them or none.</summary>
internal sealed class BatchSubmitRequests(FilingDesk desk, CitedStatements cited, Quota quota, Database database, IdSource ids, TimeProvider clock, IntakeMetrics metrics)
{
    private const int MaxRequests = 100;

    public async Task<BatchSubmitRequestsResponse> HandleAsync(BatchSubmitRequestsRequest message, ServerCallContext context)
    {
        Check(message);
        var caller = context.Caller().Id;
        foreach (var _ in message.Requests)
        {
            await quota.TakeAsync(caller, context.CancellationToken);
        }

        var now = clock.GetUtcNow();
        Filing[] filings = [.. message.Requests.Select(request => Filing.Of(caller["partners/".Length..], request, ids.Next(), ids.Next(), now))];
        await RequireCitedAsync(filings, context.CancellationToken);
        var rows = await database.InTransactionAsync(async tx =>
        {
            var stored = await desk.StoreAsync(tx, filings);
            for (var i = 0; i < stored.Count; i++)
            {
                if (!filings[i].IsSameAs(stored[i]))
                {
                    throw CommonErrors.RequestIdReused(message.Requests[i].RequestId);
                }
            }

            return stored;
        }, context.CancellationToken);
        foreach (var row in rows)
        {
            metrics.Received(row.Kind);
        }

        return new BatchSubmitRequestsResponse { Responses = { rows.Select(static row => row.ToAnswer()) } };
    }

    private static void Check(BatchSubmitRequestsRequest message)
    {
        var wrong = new Violations().Require(message.Requests.Count is > 0 and <= MaxRequests, "requests", $"must have 1 to {MaxRequests} elements");
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < message.Requests.Count && i < MaxRequests; i++)
        {
            var element = string.Create(CultureInfo.InvariantCulture, $"requests[{i}]");
            foreach (var found in RequestRules.Find(message.Requests[i]).Found)
            {
                wrong.Require(false, $"{element}.{found.Field}", found.Description);
            }

            wrong.Require(seen.Add(message.Requests[i].RequestId), $"{element}.request_id", "must not be that of another element");
        }

        wrong.ThrowIfAny();
    }

    private async Task RequireCitedAsync(Filing[] filings, CancellationToken cancellation)
    {
        var citing = filings.Where(static filing => filing.Row.CitedStatements.Count > 0).Select(static filing => filing.Row).ToArray();
        if (citing.Length == 0)
        {
            return;
        }

        // Repetitions are answered without the archive.
        var known = await database.ReadAsync(tx => RequestStore.FindAsync(tx, citing), cancellation);
        foreach (var names in citing.Where(row => !known.ContainsKey((row.Partner, row.RequestId))).SelectMany(static row => row.CitedStatements).Distinct(StringComparer.Ordinal).Chunk(100))
        {
            await cited.RequireKnownAsync(names, cancellation);
        }
    }
}
