using System.Runtime.CompilerServices;

namespace Poc.Testing;

/// <summary>Waiting for something that becomes true by itself. The one place in the tests that asks again and again; everything else awaits.</summary>
public static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);

    /// <summary>Long enough for anything that works on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until the condition holds.</summary>
    /// <param name="condition">Asked at once and then every 25 ms. What it throws counts as "not yet" and is shown if time runs out.</param>
    /// <param name="deadline">How long to wait; <see cref="Patience"/> when not given.</param>
    /// <param name="what">What is waited for, in the words of the failure; the condition's own text when not given.</param>
    /// <exception cref="TimeoutException">It did not become true in time.</exception>
    public static async Task BecomesTrueAsync(Func<Task<bool>> condition, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var end = TimeProvider.System.GetUtcNow() + (deadline ?? Patience);
        while (true)
        {
            Exception? last = null;
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (Exception failure)
            {
                last = failure;
            }

            if (TimeProvider.System.GetUtcNow() >= end)
            {
                throw new TimeoutException($"Not within {(deadline ?? Patience).TotalSeconds:0.#} s: {what}", last);
            }

            await Task.Delay(Pause, TimeProvider.System);
        }
    }

    /// <inheritdoc cref="BecomesTrueAsync(Func{Task{bool}}, TimeSpan?, string)"/>
    public static Task BecomesTrueAsync(Func<bool> condition, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        BecomesTrueAsync(() => Task.FromResult(condition()), deadline, what);
}
