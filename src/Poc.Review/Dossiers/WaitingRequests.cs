using System.Text.Json;
using Microsoft.Extensions.Options;
using Poc.Contracts.Events;
using Poc.Contracts.Events.Intake.V1;
using Poc.Postgres;

namespace Poc.Review.Dossiers;

/// <summary>
/// Judges the requests that wait for what Intake says of them, each when it is due, by whichever replica comes first. A wait has no end: a request is not judged by a part of what must be
/// known, and one that Intake does not know stays here, with a line in the log at each attempt.
/// </summary>
internal sealed class WaitingRequests(Database database, AdmitRequest slice, IOptions<ReviewOptions> options, TimeProvider clock, ILogger<WaitingRequests> logger) : BackgroundService
{
    private const int LongestWait = 100;

    private const string TakeSql = """
        SELECT request, body::text, attempts FROM waiting_requests WHERE next_attempt_at <= now() ORDER BY next_attempt_at, request LIMIT 1 FOR UPDATE SKIP LOCKED
        """;

    private const string DoneSql = "DELETE FROM waiting_requests WHERE request = $1";
    private const string AgainSql = "UPDATE waiting_requests SET attempts = attempts + 1, next_attempt_at = now() + $2 WHERE request = $1";

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                while (await JudgeNextAsync(stoppingToken))
                {
                }
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                logger.LogWarning(problem, "Requests that wait for Intake are not looked at for the moment");
            }

            await Task.Delay(options.Value.IntakeRetry, clock, stoppingToken);
        }
    }

    /// <summary>False when none is due, or Intake cannot be asked.</summary>
    private async Task<bool> JudgeNextAsync(CancellationToken cancellation)
    {
        Waiting? failed = null;
        try
        {
            return await database.InTransactionAsync(async tx =>
            {
                failed = null;
                if (await tx.QuerySingleOrDefaultAsync(TakeSql, static row => new Waiting(row.GetString(0), row.GetString(1), row.GetInt32(2)), []) is not { } next)
                {
                    return false;
                }

                failed = next;
                var judged = await slice.AdmitWaitingAsync(tx, JsonSerializer.Deserialize<RequestReceived>(next.Body, EventCatalogue.Json)!);
                await (judged ? tx.ExecuteAsync(DoneSql, next.Request) : AgainAsync(tx, next));
                return judged;
            }, cancellation);
        }
        catch (Exception problem) when (problem is not OperationCanceledException && failed is not null)
        {
            // The others go on: what one stumbles over is not theirs.
            logger.LogWarning(problem, "{Request} waits, because it cannot be judged", failed.Request);
            await database.InTransactionAsync(tx => AgainAsync(tx, failed), cancellation);
            return true;
        }
    }

    private Task<int> AgainAsync(Tx tx, Waiting waiting) =>
        tx.ExecuteAsync(AgainSql, waiting.Request, options.Value.IntakeRetry * Math.Min(LongestWait, Math.Pow(2, Math.Min(waiting.Attempts, 10))));

    private sealed record Waiting(string Request, string Body, int Attempts);
}
