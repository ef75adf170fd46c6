namespace Poc.Bus;

/// <summary>A signal that ends the pause of all who wait for it.</summary>
internal sealed class Wake
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the next <see cref="Signal"/>. Take it before looking for work, or a signal in between is missed.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Signal() => Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Returns when <paramref name="woken"/> completes, when <paramref name="pause"/> is over or when <paramref name="stopping"/> asks; never throws.</summary>
    public static async Task OrAfterAsync(Task woken, TimeSpan pause, TimeProvider clock, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(woken, Task.Delay(pause, clock, end.Token));
        await end.CancelAsync(); // ends the timer of a pause that was cut short
    }

    /// <summary>Returns when <paramref name="pause"/> is over or <paramref name="stopping"/> asks; never throws.</summary>
    public static Task AfterAsync(TimeSpan pause, TimeProvider clock, CancellationToken stopping) =>
        Task.WhenAny(Task.Delay(pause, clock, stopping));
}
