namespace Poc.Intake.Partners;

/// <summary>A token bucket; pure. The same arithmetic as <see cref="Quota"/>'s script in Redis, for when Redis is away.</summary>
/// <param name="perSecond">Tokens that come in each second.</param>
/// <param name="burst">Most tokens it holds, and what it holds at first.</param>
/// <param name="now">When it begins.</param>
internal sealed class TokenBucket(double perSecond, int burst, DateTimeOffset now)
{
    private double _tokens = burst;
    private DateTimeOffset _at = now;

    /// <summary>Takes at most <paramref name="wanted"/> tokens. With none to give, says when there will be one.</summary>
    public (int Granted, TimeSpan RetryAfter) Take(int wanted, DateTimeOffset now)
    {
        if (now > _at)
        {
            _tokens = Math.Min(burst, _tokens + (now - _at).TotalSeconds * perSecond);
            _at = now;
        }

        var granted = Math.Min(wanted, (int)_tokens);
        _tokens -= granted;
        return (granted, granted > 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - _tokens) / perSecond));
    }
}
