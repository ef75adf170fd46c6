namespace Poc.Notification;

/// <summary>Wakes one waiter. What is raised while nobody waits is kept, once.</summary>
internal sealed class Signal(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _raised = NewSource();

    public void Raise()
    {
        lock (_gate)
        {
            _raised.TrySetResult();
        }
    }

    /// <summary>Returns at the next signal, or when the time is over.</summary>
    /// <exception cref="OperationCanceledException">The waiter gave up.</exception>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancellation)
    {
        try
        {
            await _raised.Task.WaitAsync(atMost, clock, cancellation);
        }
        catch (TimeoutException)
        {
            return;
        }

        lock (_gate)
        {
            // Only now: a signal that comes before the waiter looks again needs no second look.
            _raised = NewSource();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
