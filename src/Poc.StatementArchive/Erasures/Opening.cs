using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Poc.Postgres;
using Poc.StatementArchive.Keys;

namespace Poc.StatementArchive.Erasures;

/// <summary>
/// What the archive does before it answers anybody, and again from time to time: a database that came back from a backup has what was erased since. The journal of the
/// key store says what that was, and it is erased again; a key store that came back forgets again what the archive knows to be erased.
/// </summary>
public sealed class Opening(Database database, KeyStore keys, RowSealer sealer, Eraser eraser, TimeProvider clock, ILogger<Opening> logger)
    : BackgroundService, IHealthCheck
{
    private const string PresentSql = """
        SELECT statement_id FROM statements WHERE statement_id = ANY ($1) UNION ALL SELECT capture_id FROM captures WHERE capture_id = ANY ($1)
        """;

    private const string ErasedSql = """
        SELECT x.object_id, x.document, x.erased_at, a.caller FROM erased_objects x JOIN log_entries e USING (entry_id)
        JOIN actors a ON a.actor_id = (convert_from(e.body, 'UTF8')::jsonb ->> 'actor')::uuid
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private volatile bool _isOpen;

    /// <summary>Whether the archive may answer.</summary>
    public bool IsOpen => _isOpen;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        => Task.FromResult(_isOpen ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("Erasures are being done again, or were not yet."));

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await OpenAsync(stoppingToken);
                _isOpen = true;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem)
            {
                logger.LogError(problem, "The archive could not be held against its journal of erasures: {Reason}", problem.Message);
            }

            await Task.Delay(_isOpen ? Period : Pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task OpenAsync(CancellationToken cancellation)
    {
        var journal = await keys.ErasuresAsync(cancellation);
        object journalled = journal.Select(erasure => erasure.ObjectId).ToArray();
        var present = (await database.ReadAsync(tx => tx.QueryAsync(PresentSql, static row => row.GetGuid(0), journalled), cancellation)).ToHashSet();
        foreach (var erasure in journal.Where(erasure => present.Contains(erasure.ObjectId)))
        {
            if (await database.InTransactionAsync(tx => eraser.EraseAsync(tx, erasure), cancellation))
            {
                logger.LogWarning("Object {Object}, erased at {At:O}, was there again and is erased again", erasure.ObjectId, erasure.ErasedAt);
            }
        }

        var known = journal.Select(erasure => erasure.ObjectId).ToHashSet();
        var erased = await database.ReadAsync(
            tx => tx.QueryAsync(ErasedSql, static row => new ErasedKey(row.GetGuid(0), row.GetString(1), row.GetString(3), row.GetFieldValue<DateTimeOffset>(2))), cancellation);
        foreach (var erasure in erased.Where(erasure => !known.Contains(erasure.ObjectId)))
        {
            await keys.EraseAsync(erasure, cancellation);
            logger.LogWarning("The key store did not know that {Object} was erased, and knows now", erasure.ObjectId);
        }

        await sealer.SealAllAsync(cancellation);
    }
}

/// <summary>Refuses calls until the archive is open.</summary>
public sealed class OpeningGate(Opening opening) : Interceptor
{
    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        => Opened(context) ? continuation(request, context) : throw ArchiveErrors.Opening();

    /// <inheritdoc/>
    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
        => Opened(context) ? continuation(requestStream, context) : throw ArchiveErrors.Opening();

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
        => Opened(context) ? continuation(request, responseStream, context) : throw ArchiveErrors.Opening();

    // Health and reflection are not the archive's.
    private bool Opened(ServerCallContext context) => opening.IsOpen || !context.Method.StartsWith("/poc.", StringComparison.Ordinal);
}
