using System.Collections.Concurrent;
using Poc.Contracts.Intake.V1;
using StackExchange.Redis;

namespace Poc.Intake.Partners;

/// <summary>
/// How much of each class of methods a partner may call, over all replicas: a token bucket in Redis, from which each replica takes a batch at a time, so that one round trip serves many
/// calls. While Redis is away every replica counts by itself: nothing is refused because of Redis.
/// </summary>
/// <remarks>
/// What a replica does not use of a batch within a second is given up. Batches are a twentieth of the burst, so that little is given up and small quotas stay exact.
/// The bucket's clock is that of the replicas; one that lags gets nothing for the past, and none can take more than the bucket holds.
/// </remarks>
internal sealed class Quota(IServiceProvider services, LimitsCache limits, TimeProvider clock, IntakeMetrics metrics, ILogger<Quota> logger) : BackgroundService
{
    private const string Take =
        """
        local rate, burst, now, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
        local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
        local tokens, at = tonumber(bucket[1]) or burst, tonumber(bucket[2]) or now
        if now > at then
            tokens = math.min(burst, tokens + (now - at) * rate / 1000)
            at = now
        end
        local granted = math.min(wanted, math.floor(tokens))
        redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens - granted), 'at', string.format('%.0f', at))
        redis.call('PEXPIRE', KEYS[1], string.format('%.0f', burst / rate * 1000 + 1000))
        if granted > 0 then
            return {granted, 0}
        end
        return {0, math.ceil((1 - tokens) / rate * 1000)}
        """;

    private static readonly TimeSpan _leaseTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Partner, MethodClass MethodClass), Lease> _leases = new();
    private volatile IConnectionMultiplexer? _redis;
    private long _awayUntil;

    /// <summary>Takes one submission out of the partner's quota.</summary>
    /// <param name="partner"><c>partners/{p}</c>.</param>
    /// <param name="cancellation">Ends the wait for Redis.</param>
    /// <exception cref="Poc.Grpc.RpcError">RESOURCE_EXHAUSTED (QUOTA_EXCEEDED), with the time when it makes sense to come back.</exception>
    public ValueTask TakeAsync(string partner, CancellationToken cancellation) => TakeAsync(partner, MethodClass.Submit, cancellation);

    /// <summary>Takes one call out of the partner's quota of the class; where it has none, nothing.</summary>
    /// <param name="partner"><c>partners/{p}</c>.</param>
    /// <param name="methodClass">The class.</param>
    /// <param name="cancellation">Ends the wait for Redis.</param>
    /// <exception cref="Poc.Grpc.RpcError">RESOURCE_EXHAUSTED (QUOTA_EXCEEDED), with the time when it makes sense to come back.</exception>
    public async ValueTask TakeAsync(string partner, MethodClass methodClass, CancellationToken cancellation)
    {
        if (!(await limits.OfAsync(partner, cancellation)).Rates.TryGetValue(methodClass, out var rate))
        {
            return;
        }

        var lease = LeaseOf((partner, methodClass), rate);
        if (!lease.TryTake(clock.GetUtcNow()))
        {
            await RenewAsync(partner, methodClass, lease, cancellation);
        }
    }

    /// <summary>Connects to Redis. Not in the constructor: without a server that takes seconds, and submissions do not wait for it.</summary>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => _redis = services.GetRequiredService<IConnectionMultiplexer>(), stoppingToken);

    // A quota that was set anew begins anew; what Redis holds stays, up to the new burst.
    private Lease LeaseOf((string Partner, MethodClass MethodClass) key, Rate rate) =>
        _leases.TryGetValue(key, out var lease) && lease.Rate == rate ? lease : _leases[key] = new Lease(rate, new TokenBucket(rate.PerSecond, rate.Burst, clock.GetUtcNow()));

    private async ValueTask RenewAsync(string partner, MethodClass methodClass, Lease lease, CancellationToken cancellation)
    {
        await lease.Renewal.WaitAsync(cancellation);
        try
        {
            var now = clock.GetUtcNow();
            if (lease.TryTake(now))
            {
                return;
            }

            if (lease.RefusedUntil > now)
            {
                throw Refusal(partner, methodClass, lease.Rate, lease.RefusedUntil - now);
            }

            var (granted, retryAfter) = await FromRedisAsync(partner, methodClass, lease, now, cancellation) ?? lease.Local.Take(lease.Batch, now);
            if (granted == 0)
            {
                // Until then the answer is known: a partner that does not wait costs no round trips.
                lease.RefusedUntil = now + retryAfter;
                throw Refusal(partner, methodClass, lease.Rate, retryAfter);
            }

            lease.Set(granted - 1, now + _leaseTime);
        }
        finally
        {
            lease.Renewal.Release();
        }
    }

    // Null: Redis is away.
    private async Task<(int Granted, TimeSpan RetryAfter)?> FromRedisAsync(string partner, MethodClass methodClass, Lease lease, DateTimeOffset now, CancellationToken cancellation)
    {
        if (_redis is not { IsConnected: true } redis || now.UtcTicks < Interlocked.Read(ref _awayUntil))
        {
            return null;
        }

        try
        {
            // Submissions under the name they had before there were classes.
            var key = methodClass == MethodClass.Submit ? $"intake:quota:{partner}" : $"intake:quota:{partner}:{EnumText<MethodClass>.Of(methodClass)}";
            var answer = await redis.GetDatabase()
                .ScriptEvaluateAsync(Take, [(RedisKey)key], [lease.Rate.PerSecond, lease.Rate.Burst, now.ToUnixTimeMilliseconds(), lease.Batch])
                .WaitAsync(_patience, clock, cancellation);
            var parts = (RedisResult[])answer!;
            return ((int)parts[0], TimeSpan.FromMilliseconds((long)parts[1]));
        }
        catch (Exception problem) when (problem is RedisException or TimeoutException)
        {
            Interlocked.Exchange(ref _awayUntil, (now + _pause).UtcTicks);
            logger.LogWarning("Redis does not answer ({Problem}); this replica counts quotas by itself", problem.GetType().Name);
            return null;
        }
    }

    private Grpc.RpcError Refusal(string partner, MethodClass methodClass, Rate rate, TimeSpan retryAfter)
    {
        metrics.Refused();
        return IntakeErrors.QuotaExceeded(partner, EnumText<MethodClass>.Of(methodClass), rate.PerSecond, rate.Burst, retryAfter);
    }

    /// <summary>What this replica holds of one partner's quota of one class.</summary>
    private sealed class Lease(Rate rate, TokenBucket local)
    {
        private readonly Lock _lock = new();
        private int _tokens;
        private DateTimeOffset _until;

        /// <summary>One renewal at a time; the others wait for its result.</summary>
        public SemaphoreSlim Renewal { get; } = new(1, 1);

        public Rate Rate => rate;

        /// <summary>What is taken from Redis at a time.</summary>
        public int Batch { get; } = Math.Clamp(rate.Burst / 20, 1, 100);

        public TokenBucket Local => local;

        public DateTimeOffset RefusedUntil { get; set; }

        public bool TryTake(DateTimeOffset now)
        {
            lock (_lock)
            {
                if (_tokens == 0 || now > _until)
                {
                    return false;
                }

                _tokens--;
                return true;
            }
        }

        public void Set(int tokens, DateTimeOffset until)
        {
            lock (_lock)
            {
                (_tokens, _until) = (tokens, until);
            }
        }
    }
}
