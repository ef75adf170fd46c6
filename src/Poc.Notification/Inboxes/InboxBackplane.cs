using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Poc.Notification.Inboxes;

/// <summary>
/// Carries "look at the inboxes" from the replica that wrote an item to all replicas, over Redis. The message says nothing else. Redis may be away, or lose
/// messages: then the replicas look by themselves, a little later.
/// </summary>
internal sealed class InboxBackplane(
    IServiceProvider services, InboxWatches watches, IOptions<NotificationOptions> options, TimeProvider clock, ILogger<InboxBackplane> logger)
    : BackgroundService
{
    private static readonly RedisChannel InboxesGrew = RedisChannel.Literal("poc:notification:inboxes");

    private IConnectionMultiplexer? _redis;

    /// <summary>To be called after the commit of what may have put something into an inbox. Never fails and never waits.</summary>
    public void Announce()
    {
        watches.Look();
        try
        {
            Volatile.Read(ref _redis)?.GetSubscriber().Publish(InboxesGrew, RedisValue.EmptyString, CommandFlags.FireAndForget);
        }
        catch (Exception problem) when (problem is RedisException or TimeoutException or ObjectDisposedException)
        {
            logger.LogDebug(problem, "Other replicas were not told; they look by themselves");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The first connection may take its time-out, which must not hold up the start of the service.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var redis = services.GetRequiredService<IConnectionMultiplexer>();
                // Made once, it comes back by itself with the connection.
                await redis.GetSubscriber().SubscribeAsync(InboxesGrew, (_, _) => watches.Look());
                Volatile.Write(ref _redis, redis);
                return;
            }
            catch (Exception problem) when (problem is RedisException or TimeoutException)
            {
                logger.LogDebug(problem, "Redis cannot be subscribed to yet");
                await Task.Delay(options.Value.InboxPoll, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
