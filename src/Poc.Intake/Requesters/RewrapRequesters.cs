using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Requesters;

/// <summary>Has the keys of all seals wrapped under the current key; <see cref="RequesterRewraps"/> does it.</summary>
internal sealed class RewrapRequesters(IdempotentWrites writes, RequesterSeal seal, IdSource ids, TimeProvider clock, ILogger<RewrapRequesters> logger)
{
    // Two that start at once, one after the other.
    private const string LockRuns = "SELECT pg_advisory_xact_lock(hashtextextended('requester rewraps', 0))";

    // Until a new run is there a key may be one that nothing was sealed with yet.
    private const string NoteKey = "INSERT INTO sealing_keys (id, first_used_at) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT pk_sealing_keys DO NOTHING";

    private const string LockKey = "SELECT retired_at IS NULL FROM sealing_keys WHERE id = $1 FOR SHARE";

    // One run at a time: it waits for the page that is being wrapped.
    private const string Supersede = "UPDATE requester_rewraps SET state = 'SUPERSEDED', finished_at = $1, updated_at = $1 WHERE state = 'RUNNING'";

    private const string Insert =
        $"""
        INSERT INTO requester_rewraps (id, key_id, state, total, done, failed, started_by, started_at, updated_at)
        VALUES ($1, $2, 'RUNNING', (SELECT count(*) FROM sealed_requesters WHERE key_id <> $2), 0, 0, $3, $4, $4)
        RETURNING {RequesterRewraps.Columns}
        """;

    public async Task<RewrapRequestersResponse> HandleAsync(RewrapRequestersRequest message, ServerCallContext context)
    {
        new Violations().Uuid("request_id", message.RequestId).ThrowIfAny();
        var staff = context.Caller();
        var answer = await writes.OnceAsync(staff, message.RequestId, message, tx => StartAsync(tx, seal.CurrentKey, staff.Id), context.CancellationToken);
        logger.LogInformation("{Rewrap} to {Key} was started by {Caller}", answer.Rewrap.Name, answer.Rewrap.SealingKey, staff.Id);
        return answer;
    }

    private async Task<RewrapRequestersResponse> StartAsync(Tx tx, string key, string staff)
    {
        var now = clock.GetUtcNow();
        await tx.ExecuteAsync(LockRuns);
        await tx.ExecuteAsync(NoteKey, key, now);
        if (!await tx.ScalarAsync<bool>(LockKey, key))
        {
            throw IntakeErrors.SealingKeyRetired(SealingKeyName.Of(key));
        }

        await tx.ExecuteAsync(Supersede, now);
        return new RewrapRequestersResponse { Rewrap = await tx.QuerySingleOrDefaultAsync(Insert, RequesterRewraps.Read, ids.Next(), key, staff, now) };
    }
}
