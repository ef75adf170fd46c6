using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Poc.Review.Register;

/// <summary>
/// Answers in this replica's memory. Each knows how many changes there had been before it was read, and is given only while neither its scope nor the whole register
/// has changed since, and the news are followed: who no longer hears of changes gives nothing.
/// </summary>
internal sealed class HeldAnswers(IOptions<ReviewOptions> options, TimeProvider clock) : IDisposable
{
    /// <summary>The scope of answers about many entries; every change is one of theirs.</summary>
    public const string Lists = "";

    private const long Capacity = 64 << 20;

    // Of subjects that changed while this replica ran. Beyond it all are taken to have changed.
    private const int MaxChanged = 10_000;

    // Looks that may fail before nothing is given.
    private const int Patience = 3;

    private readonly MemoryCache _answers = new(new MemoryCacheOptions { SizeLimit = Capacity });
    private readonly ConcurrentDictionary<string, long> _changed = new(StringComparer.Ordinal);
    private long _changes;
    private long _allChanged;
    private long _followed;

    /// <summary>How many changes there have been.</summary>
    public long Now => Interlocked.Read(ref _changes);

    /// <summary>The answer, or null where there is none that may be given.</summary>
    public object? Find(string scope, string key)
    {
        var followed = Interlocked.Read(ref _followed);
        return followed != 0 && clock.GetElapsedTime(followed) <= Patience * options.Value.RegisterScan
            && _answers.TryGetValue(key, out Held? held) && held!.Before >= LastChange(scope) ? held.Answer : null;
    }

    /// <summary>Keeps an answer. Nobody may change it from here on.</summary>
    /// <param name="scope">The subject it is about, or <see cref="Lists"/>.</param>
    /// <param name="key">What was asked.</param>
    /// <param name="answer">What was answered.</param>
    /// <param name="before"><see cref="Now"/>, before it was read.</param>
    public void Keep(string scope, string key, IMessage answer, long before)
    {
        if (options.Value.RegisterCache > TimeSpan.Zero && before >= LastChange(scope))
        {
            _answers.Set(key, new Held(answer, before), new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = options.Value.RegisterCache, Size = (2 * key.Length) + (3 * answer.CalculateSize()) + 200 });
        }
    }

    /// <summary>These subjects have changed, and so has what is about many.</summary>
    public void End(IEnumerable<string> subjects)
    {
        var change = Interlocked.Increment(ref _changes);
        foreach (var scope in subjects.Append(Lists))
        {
            _changed[scope] = change;
        }

        if (_changed.Count > MaxChanged)
        {
            EndAll();
        }
    }

    /// <summary>Anything may have changed.</summary>
    public void EndAll()
    {
        Interlocked.Exchange(ref _allChanged, Interlocked.Increment(ref _changes));
        _changed.Clear();
    }

    /// <summary>All changes that there were at this moment have been told.</summary>
    public void Followed() => Interlocked.Exchange(ref _followed, clock.GetTimestamp());

    /// <inheritdoc />
    public void Dispose() => _answers.Dispose();

    private long LastChange(string scope) => Math.Max(Interlocked.Read(ref _allChanged), _changed.GetValueOrDefault(scope));

    private sealed record Held(IMessage Answer, long Before);
}
