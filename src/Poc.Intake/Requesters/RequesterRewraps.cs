using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Options;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Requesters;

/// <summary>
/// Wraps the keys of old seals anew, a page of them in each transaction, with the place where it stands: whoever comes next goes on there. A replica takes part only with the key that a
/// run is for. What was sealed is not looked at: it stays encrypted under the data key it has.
/// </summary>
internal sealed class RequesterRewraps(Database database, RequesterSeal seal, IOptions<RequesterSealingOptions> options, TimeProvider clock, ILogger<RequesterRewraps> logger) : BackgroundService
{
    /// <summary>The columns that <see cref="Read"/> expects, in its order.</summary>
    public const string Columns = "id, key_id, state, total, done, failed, started_by, started_at, updated_at, finished_at";

    private const int Page = 100;

    private const string Take = "SELECT id, key_id, at_request FROM requester_rewraps WHERE state = 'RUNNING' AND key_id = ANY ($1) FOR UPDATE SKIP LOCKED";

    private const string SelectPage =
        """
        SELECT request, key_id, wrapped_key, content
        FROM sealed_requesters
        WHERE key_id <> $1 AND ($2::uuid IS NULL OR request > $2)
        ORDER BY request
        LIMIT $3
        FOR UPDATE
        """;

    private const string Rewrap =
        """
        UPDATE sealed_requesters AS s SET key_id = $1, wrapped_key = n.wrapped_key
        FROM unnest($2::uuid[], $3::bytea[]) AS n (request, wrapped_key)
        WHERE s.request = n.request
        """;

    private const string Advance = "UPDATE requester_rewraps SET at_request = $2, done = done + $3, failed = failed + $4, updated_at = $5 WHERE id = $1";

    private const string Finish = "UPDATE requester_rewraps SET state = 'FINISHED', finished_at = $2, updated_at = $2 WHERE id = $1";

    public static RequesterRewrap Read(NpgsqlDataReader row) => new()
    {
        Name = $"requesterRewraps/{row.GetGuid(0):D}",
        SealingKey = SealingKeyName.Of(row.GetString(1)),
        State = EnumText<RequesterRewrap.Types.State>.Parse(row.GetString(2)),
        TotalCount = row.GetInt64(3),
        DoneCount = row.GetInt64(4),
        FailedCount = row.GetInt64(5),
        StartedBy = row.GetString(6),
        StartedAt = row.GetFieldValue<DateTimeOffset>(7).ToTimestamp(),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(8).ToTimestamp(),
        FinishedAt = row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9).ToTimestamp(),
    };

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Keys.Count == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(options.Value.RewrapInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await database.InTransactionAsync(RewrapPageAsync, stoppingToken))
                {
                    // There is more.
                }
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                logger.LogWarning(problem, "Seals are not wrapped anew for the moment; tried again in {Interval}", options.Value.RewrapInterval);
            }
        }
    }

    /// <summary>False when there is nothing that this replica can go on with.</summary>
    private async Task<bool> RewrapPageAsync(Tx tx)
    {
        var run = await tx.QuerySingleOrDefaultAsync(
            Take, static row => new Run(row.GetGuid(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetGuid(2)), [options.Value.Keys.Keys.ToArray()]);
        if (run is null)
        {
            return false;
        }

        var seals = await tx.QueryAsync(
            SelectPage,
            static row => (Request: row.GetGuid(0), Seal: new SealedRequester(row.GetString(1), row.GetFieldValue<byte[]>(2), row.GetFieldValue<byte[]>(3))), run.Key, run.At, Page);
        var now = clock.GetUtcNow();
        if (seals.Count == 0)
        {
            await tx.ExecuteAsync(Finish, run.Id, now);
            return false;
        }

        var (requests, wrapped) = (new List<Guid>(), new List<byte[]>());
        foreach (var (request, old) in seals)
        {
            if (TryWrap(request, old, run.Key) is { } anew)
            {
                requests.Add(request);
                wrapped.Add(anew);
            }
        }

        await tx.ExecuteAsync(Rewrap, run.Key, requests.ToArray(), wrapped.ToArray());
        await tx.ExecuteAsync(Advance, run.Id, seals[^1].Request, requests.Count, seals.Count - requests.Count, now);
        return true;
    }

    // One that cannot be opened keeps its key and stops no other.
    private byte[]? TryWrap(Guid request, SealedRequester old, string key)
    {
        try
        {
            return seal.Wrap(request, old, key).WrappedKey;
        }
        catch (Exception problem) when (problem is RpcError or CryptographicException)
        {
            logger.LogError(problem, "The seal of request {Request} under {Key} cannot be wrapped anew", request, old.KeyId);
            return null;
        }
    }

    private sealed record Run(Guid Id, string Key, Guid? At);
}
