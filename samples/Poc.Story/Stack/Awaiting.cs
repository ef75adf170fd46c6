namespace Poc.Story.Stack;

/// <summary>Waits for what the services do on their own time: a condition, a deadline, and the name of what was awaited.</summary>
internal sealed class Awaiting(TimeProvider clock)
{
    // Long enough for a killed service to be back, its queue to be redelivered and its relay to catch up, on a busy machine.
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    /// <summary>Reads until the condition holds; gives what was read last.</summary>
    /// <param name="awaited">What is waited for, as it reads after "waited for".</param>
    /// <param name="read">Asks the service.</param>
    /// <param name="holds">The condition.</param>
    /// <param name="seen">Describes the state that was found instead, for the message.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="StoryStoppedException">It did not hold in time.</exception>
    public async Task<T> UntilAsync<T>(string awaited, Func<Task<T>> read, Func<T, bool> holds, Func<T, string> seen, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        var pause = s_firstPause;
        while (true)
        {
            var value = await read();
            if (holds(value))
            {
                return value;
            }

            if (clock.GetElapsedTime(started) > s_deadline)
            {
                throw new StoryStoppedException($"Waited {s_deadline.TotalSeconds:0} s for {awaited}; found instead: {seen(value)}");
            }

            await Task.Delay(pause, clock, cancellation);
            pause = pause * 1.5 < s_longestPause ? pause * 1.5 : s_longestPause;
        }
    }
}
