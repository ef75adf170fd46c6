namespace Poc.Disorder;

/// <summary>What happens to a message: the same for the same seed, queue and place in the order of arrival.</summary>
/// <param name="Delay">How long it is held back.</param>
/// <param name="Twice">Whether it comes again when it has been consumed, as after a lost acknowledgement.</param>
public readonly record struct Chance(TimeSpan Delay, bool Twice)
{
    /// <summary>Most are hardly held back, some by what a slow consumer takes, a few by so much that whole chains of other messages pass them.</summary>
    public static Chance Of(int seed, string queue, long arrival)
    {
        // FNV-1a over what it depends on: string.GetHashCode differs from process to process.
        var hash = 2_166_136_261u;
        foreach (var c in $"{seed} {queue} {arrival}")
        {
            hash = (hash ^ c) * 16_777_619u;
        }

        var random = new Random((int)(hash & int.MaxValue));
        var delay = random.Next(10) switch
        {
            < 5 => random.Next(40),
            < 9 => random.Next(500),
            _ => random.Next(2_500),
        };
        return new Chance(TimeSpan.FromMilliseconds(delay), random.Next(5) == 0);
    }
}
