using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>
/// Follows one request: its history after a sequence, then each new state. Always read from the table; a notification only says that it is time to look, so that none
/// can be missed or come twice.
/// </summary>
internal sealed class WatchRequest(Database database, RequestWatchers watchers, IOptions<IntakeOptions> options, IHostApplicationLifetime lifetime)
{
    private const string SelectStates =
        """
        SELECT sequence, state, state_reason, changed_at
        FROM request_states
        WHERE request = $1 AND sequence > $2
        ORDER BY sequence
        """;

    private const string SelectState = "SELECT state FROM requests WHERE id = $1 AND partner_id = $2";

    public async Task HandleAsync(WatchRequestRequest message, IServerStreamWriter<WatchRequestResponse> stream, ServerCallContext context)
    {
        var name = RequestAccess.Require(context.Caller(), message.Name);
        new Violations().Require(message.AfterSequence >= 0, "after_sequence", "must not be negative").ThrowIfAny();
        // A server that stops must not wait for those who watch: they resume at another replica.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        using var watcher = watchers.Watch(name.Id);
        var after = message.AfterSequence;
        for (var first = true; ; first = false)
        {
            var (states, closed) = await ReadAsync(name, after, ending.Token);
            if (first)
            {
                await context.WriteResponseHeadersAsync([]);
            }

            foreach (var state in states)
            {
                await stream.WriteAsync(state, ending.Token);
                after = state.Sequence;
            }

            if (closed)
            {
                return;
            }

            await watcher.ChangedAsync(options.Value.WatchInterval, ending.Token);
        }
    }

    private Task<(IReadOnlyList<WatchRequestResponse> States, bool Closed)> ReadAsync(RequestName name, long after, CancellationToken cancellation) => database.ReadAsync(async tx =>
    {
        var current = await tx.QuerySingleOrDefaultAsync(SelectState, static row => row.GetString(0), name.Id, name.Partner) ?? throw IntakeErrors.RequestNotFound(name.ToString());
        var states = await tx.QueryAsync(
            SelectStates,
            static row => new WatchRequestResponse
            {
                Sequence = row.GetInt32(0),
                State = EnumText<Request.Types.State>.Parse(row.GetString(1)),
                StateReason = row.GetString(2),
                ChangedAt = row.GetFieldValue<DateTimeOffset>(3).ToTimestamp(),
            },
            name.Id, after);
        return (states, RequestLifecycle.IsClosed(EnumText<Request.Types.State>.Parse(current)));
    }, cancellation);
}
