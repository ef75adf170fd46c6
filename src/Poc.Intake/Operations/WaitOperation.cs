using Grpc.Core;
using Microsoft.Extensions.Options;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Operations;

/// <summary>Waits until an operation is done. It looks at the table from time to time: whichever replica works on it, and whenever this one stops, the answer is true.</summary>
internal sealed class WaitOperation(Database database, IOptions<IntakeOptions> options, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    // Without a deadline the call ends after 30 s.
    private static readonly TimeSpan Unasked = TimeSpan.FromSeconds(25);

    // What it takes to answer before the caller gives up.
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(500);

    public async Task<WaitOperationResponse> HandleAsync(WaitOperationRequest message, ServerCallContext context)
    {
        var name = OperationName.Require(context.Caller(), message.Name);
        var patience = message.Timeout is { } wanted ? wanted.ToTimeSpan() : Usual;
        new Violations().Require(patience >= TimeSpan.Zero && patience <= Longest, "timeout", "must be between 0 and 60 s").ThrowIfAny();
        var started = clock.GetTimestamp();
        var left = context.Deadline == DateTime.MaxValue ? Unasked : context.Deadline - clock.GetUtcNow().UtcDateTime - Margin;
        patience = patience < left ? patience : left;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        while (true)
        {
            var operation = await database.ReadAsync(tx => ExportRow.FindAsync(tx, name, clock.GetUtcNow()), context.CancellationToken);
            var remaining = patience - clock.GetElapsedTime(started);
            if (operation.State != Operation.Types.State.Running || remaining <= TimeSpan.Zero || lifetime.ApplicationStopping.IsCancellationRequested)
            {
                return new WaitOperationResponse { Operation = operation };
            }

            // Cut short when the service stops, or the caller goes away: the next look sees which.
            await Task.Delay(remaining < options.Value.ExportInterval ? remaining : options.Value.ExportInterval, clock, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
