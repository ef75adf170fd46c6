using System.Security.Cryptography;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Poc.Review.Register;

/// <summary>
/// Answers of the public register, in this replica's memory and in Redis.
/// In Redis none is removed when something became public: each is kept with two marks, that of the whole register and that of its entry, as they were before the
/// database was read, and is given only while both are still the same. A change sets the mark anew (<see cref="RegisterNews"/>), so what is given is never older
/// than the change, and the answers about everybody else stay.
/// In memory they are given only while the news are followed, so what another replica changed is given for <see cref="ReviewOptions.RegisterScan"/> at the longest,
/// and after three of them without news the answers come from Redis again, and without Redis from the database.
/// </summary>
internal sealed class RegisterCache(IConnectionMultiplexer redis, HeldAnswers held, IOptions<ReviewOptions> options, ILogger<RegisterCache> log)
{
    private const string Prefix = "poc:review:register:";
    private const string WholeMark = Prefix + "mark";
    private const string ListsMark = Prefix + "mark:lists";
    private const int MarkBytes = 16;

    /// <summary>The kept answer about one entry, or the one that <paramref name="read"/> gives, which is then kept.</summary>
    /// <param name="subject">Whose entry it is.</param>
    /// <param name="key">What of it was asked.</param>
    /// <param name="read">Reads the database.</param>
    public Task<T> GetAsync<T>(string subject, string key, Func<Task<T>> read) where T : class, IMessage<T>, new() => HeldAsync(subject, MarkOf(subject), $"{Prefix}{subject}:{key}", read);

    /// <summary>The same for an answer about many entries: it is one of the past when any entry changes.</summary>
    public Task<T> GetListAsync<T>(string key, Func<Task<T>> read) where T : class, IMessage<T>, new() => HeldAsync(HeldAnswers.Lists, ListsMark, $"{Prefix}list:{key}", read);

    /// <summary>Makes the kept answers about these subjects, and all lists, ones of the past.</summary>
    /// <returns>Whether Redis knows it.</returns>
    public async Task<bool> EndAsync(IReadOnlyCollection<string> subjects)
    {
        held.End(subjects);
        // A mark that is gone is like one that was never set: it stays longer than any answer that was kept before it.
        var stay = 2 * options.Value.RegisterCache;
        return await TryAsync<object>(async database =>
        {
            foreach (var mark in subjects.Select(MarkOf).Append(ListsMark))
            {
                await database.StringSetAsync(mark, NewMark(), stay > TimeSpan.Zero ? stay : TimeSpan.FromSeconds(1));
            }

            return database;
        }) is not null;
    }

    /// <summary>Makes all kept answers ones of the past.</summary>
    /// <returns>Whether Redis knows it.</returns>
    public async Task<bool> EndAllAsync()
    {
        held.EndAll();
        return await TryAsync<object>(async database => await database.StringSetAsync(WholeMark, NewMark()) ? database : null) is not null;
    }

    /// <summary>All news there were at this moment have been seen.</summary>
    public void Followed() => held.Followed();

    private async Task<T> HeldAsync<T>(string scope, RedisKey mark, string key, Func<Task<T>> read) where T : class, IMessage<T>, new()
    {
        if (held.Find(scope, key) is T found)
        {
            return found;
        }

        var before = held.Now;
        var answer = await KeptAsync(mark, key, read);
        held.Keep(scope, key, answer, before);
        return answer;
    }

    private async Task<T> KeptAsync<T>(RedisKey mark, RedisKey key, Func<Task<T>> read) where T : IMessage<T>, new()
    {
        if (options.Value.RegisterCache == TimeSpan.Zero || await TryAsync<RedisValue[]>(async database => await database.StringGetAsync([WholeMark, mark, key])) is not { } found)
        {
            return await read();
        }

        var marks = (byte[])[.. Mark(found[0]), .. Mark(found[1])];
        if ((byte[]?)found[2] is { } kept && kept.AsSpan().StartsWith(marks))
        {
            return new MessageParser<T>(static () => new T()).ParseFrom(kept, marks.Length, kept.Length - marks.Length);
        }

        var answer = await read();
        await TryAsync<object>(async database => await database.StringSetAsync(key, (byte[])[.. marks, .. answer.ToByteArray()], options.Value.RegisterCache) ? database : null);
        return answer;
    }

    private static string MarkOf(string subject) => $"{WholeMark}:{subject}";

    private static byte[] NewMark() => RandomNumberGenerator.GetBytes(MarkBytes);

    private static byte[] Mark(RedisValue mark) => (byte[]?)mark is { Length: MarkBytes } set ? set : new byte[MarkBytes];

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
