using Microsoft.Extensions.Options;
using Poc.Postgres;

namespace Poc.Review.Register;

/// <summary>
/// Ends the kept answers about what changed in the register, by following <c>register_news</c>, which is written with each change: at once after a change of this
/// replica's own, and every <see cref="ReviewOptions.RegisterScan"/> for those of others, and for what Redis could not be told when it was away.
/// </summary>
internal sealed class RegisterNews(Database database, RegisterCache cache, IOptions<ReviewOptions> options, TimeProvider clock, ILogger<RegisterNews> logger) : BackgroundService
{
    private const int Batch = 500;

    private const string LastSql = "SELECT COALESCE(max(sequence), 0) FROM register_news";

    // What was said of somebody whose identity changed may be read under other names too, on other days.
    private const string NextSql = """
        SELECT n.sequence, n.subject, EXISTS (SELECT 1 FROM identity_changes AS c WHERE c.subject = n.subject OR c.other = n.subject)
        FROM register_news AS n WHERE n.sequence > $1 ORDER BY n.sequence LIMIT $2
        """;

    private readonly SemaphoreSlim _turn = new(1);
    private long? _last;

    /// <summary>The write's answer, given after kept answers have become ones of the past as far as Redis can be reached.</summary>
    public async Task<T> FollowAsync<T>(Task<T> write)
    {
        var answer = await write;
        await TryFollowAsync(CancellationToken.None);
        return answer;
    }

    /// <inheritdoc cref="FollowAsync{T}"/>
    public async Task FollowAsync(Task write)
    {
        await write;
        await TryFollowAsync(CancellationToken.None);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await TryFollowAsync(stoppingToken);
            await Task.Delay(options.Value.RegisterScan, clock, stoppingToken);
        }
    }

    private async Task TryFollowAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            // What happened while nobody followed is not known: all is read anew after a start.
            _last ??= await FirstAsync(cancellation);
            while (_last is { } last && await FollowSomeAsync(last, cancellation))
            {
            }
        }
        catch (Exception problem) when (problem is not OperationCanceledException)
        {
            logger.LogWarning("News of the register are not followed for the moment: {Reason}", problem.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<long?> FirstAsync(CancellationToken cancellation)
    {
        var last = await database.ReadAsync(static tx => tx.ScalarAsync<long>(LastSql), cancellation);
        return await cache.EndAllAsync() ? last : null;
    }

    private async Task<bool> FollowSomeAsync(long last, CancellationToken cancellation)
    {
        var news = await database.ReadAsync(
            tx => tx.QueryAsync(NextSql, static row => (Sequence: row.GetInt64(0), Subject: row.GetString(1), HasChanges: row.GetBoolean(2)), last, Batch), cancellation);
        var isKnown = news.Count == 0
            || (news.Any(static each => each.HasChanges) ? await cache.EndAllAsync() : await cache.EndAsync([.. news.Select(static each => each.Subject).Distinct(StringComparer.Ordinal)]));
        if (news.Count < Batch)
        {
            cache.Followed();
        }

        if (!isKnown || news.Count == 0)
        {
            return false;
        }

        _last = news[^1].Sequence;
        return news.Count == Batch;
    }
}
