using Grpc.Core;
using Microsoft.Extensions.Options;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Operations;

/// <summary>Starts an export of the calling partner's requests; <see cref="ExportWriter"/> does it.</summary>
internal sealed class ExportRequests(IdempotentWrites writes, IOptions<IntakeOptions> options, IdSource ids, TimeProvider clock)
{
    private const string Filter = ":filter";

    private const string Count = $"SELECT count(*) FROM requests WHERE partner_id = $1 AND received_at <= $2 AND {Filter}";

    private const string Insert =
        """
        INSERT INTO exports (id, partner_id, state, filter, up_to, done, total, created_at, updated_at, expires_at)
        VALUES ($1, $2, 'RUNNING', $3, $4, 0, $5, $4, $4, $6)
        ON CONFLICT (partner_id) WHERE state = 'RUNNING' DO NOTHING
        """;

    private const string SelectRunning = "SELECT id FROM exports WHERE partner_id = $1 AND state = 'RUNNING'";

    public Task<ExportRequestsResponse> HandleAsync(ExportRequestsRequest message, ServerCallContext context)
    {
        new Violations().Uuid("request_id", message.RequestId).ThrowIfAny();
        var filter = RequestFilter.Parse(message.Filter);
        return writes.OnceAsync(context.Caller(), message.RequestId, message, tx => StartAsync(tx, message, filter, context.Caller().Id["partners/".Length..]), context.CancellationToken);
    }

    private async Task<ExportRequestsResponse> StartAsync(Tx tx, ExportRequestsRequest message, RequestFilter filter, string partner)
    {
        var (name, now) = (new OperationName(partner, ids.Next()), clock.GetUtcNow());
        var total = await tx.ScalarAsync<long>(Count.Replace(Filter, filter.ToSql(firstParameter: 3), StringComparison.Ordinal), [partner, now, .. filter.Values]);
        if (await tx.ExecuteAsync(Insert, name.Id, partner, message.Filter, now, total, now + options.Value.ExportLifetime) == 0)
        {
            var running = await tx.QuerySingleOrDefaultAsync(SelectRunning, static row => (Guid?)row.GetGuid(0), partner);
            throw IntakeErrors.ExportRunning(running is { } id ? new OperationName(partner, id).ToString() : name.ToString());
        }

        return new ExportRequestsResponse { Operation = await ExportRow.FindAsync(tx, name, now) };
    }
}
