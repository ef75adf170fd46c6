using System.Globalization;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Poc.Review.Register;

/// <summary>
/// Answers of the public register in Redis, for a few seconds. Entries are never removed one by one: their key holds a generation number, which is raised after
/// anything became public; a reader takes the number before it reads the database, so an answer under the new number is never older than the change. Should the
/// news not reach Redis, the age limit (<see cref="ReviewOptions.RegisterCache"/>) ends what is kept. Without Redis every answer comes from the database.
/// </summary>
internal sealed class RegisterCache(IConnectionMultiplexer redis, IOptions<ReviewOptions> options, ILogger<RegisterCache> log)
{
    private const string GenerationKey = "poc:review:register:generation";

    /// <summary>The kept answer, or the one that <paramref name="read"/> gives, which is then kept.</summary>
    public async Task<T> GetAsync<T>(string key, Func<Task<T>> read) where T : IMessage<T>, new()
    {
        if (options.Value.RegisterCache == TimeSpan.Zero || await TryAsync(database => GenerationAsync(database, key)) is not { } fullKey)
        {
            return await read();
        }

        var kept = await TryAsync(async database => (byte[]?)await database.StringGetAsync(fullKey));
        if (kept is not null)
        {
            return new MessageParser<T>(static () => new T()).ParseFrom(kept);
        }

        var answer = await read();
        await TryAsync(async database => await database.StringSetAsync(fullKey, answer.ToByteArray(), options.Value.RegisterCache) ? "" : null);
        return answer;
    }

    /// <summary>Makes every kept answer one of the past. Best effort, and after the commit: the age limit stands behind it.</summary>
    public Task RenewAsync() => TryAsync(async database => (await database.StringIncrementAsync(GenerationKey)).ToString(CultureInfo.InvariantCulture));

    /// <summary>The write's answer, given after the register's kept answers have become those of the past.</summary>
    public async Task<T> RenewAfterAsync<T>(Task<T> write)
    {
        var answer = await write;
        await RenewAsync();
        return answer;
    }

    private static async Task<string?> GenerationAsync(IDatabase database, string key) =>
        $"poc:review:register:{(long?)await database.StringGetAsync(GenerationKey) ?? 0}:{key}";

    private async Task<T?> TryAsync<T>(Func<IDatabase, Task<T?>> use) where T : class
    {
        if (!redis.IsConnected)
        {
            return null;
        }

        try
        {
            return await use(redis.GetDatabase());
        }
        catch (Exception problem) when (problem is RedisException or TimeoutException)
        {
            log.LogWarning("The register is read without Redis: {Reason}", problem.Message);
            return null;
        }
    }
}
