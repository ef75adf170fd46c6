using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Requesters;

/// <summary>Takes a key out of use for good, if nothing is under it: afterwards no replica seals with it, and it can go from the configuration.</summary>
internal sealed class RetireSealingKey(IdempotentWrites writes, RequesterSeal seal, TimeProvider clock, ILogger<RetireSealingKey> logger)
{
    // Waits for the seals that are being made with it.
    private const string LockKey = "SELECT retired_at IS NOT NULL FROM sealing_keys WHERE id = $1 FOR UPDATE";

    // A run that wraps under it would make more.
    private const string CountUses =
        "SELECT (SELECT count(*) FROM sealed_requesters WHERE key_id = $1), (SELECT count(*) FROM requester_rewraps WHERE key_id = $1 AND state = 'RUNNING')";

    private const string Retire = "UPDATE sealing_keys SET retired_at = COALESCE(retired_at, $2), retired_by = COALESCE(retired_by, $3) WHERE id = $1 RETURNING id, first_used_at, retired_at, retired_by";

    public async Task<RetireSealingKeyResponse> HandleAsync(RetireSealingKeyRequest message, ServerCallContext context)
    {
        var id = SealingKeyName.Read(message.Name);
        new Violations()
            .Uuid("request_id", message.RequestId)
            .Require(id.Length > 0, "name", $"must be a name like {SealingKeyName.Pattern}")
            .ThrowIfAny();
        var staff = context.Caller();
        var answer = await writes.OnceAsync(staff, message.RequestId, message, tx => RetireAsync(tx, id, staff.Id), context.CancellationToken);
        logger.LogInformation("{Key} was retired by {Caller}", answer.Key.Name, staff.Id);
        return answer;
    }

    private async Task<RetireSealingKeyResponse> RetireAsync(Tx tx, string id, string staff)
    {
        var name = SealingKeyName.Of(id);
        _ = await tx.QuerySingleOrDefaultAsync(LockKey, static row => (bool?)row.GetBoolean(0), id) ?? throw IntakeErrors.SealingKeyNotFound(name);
        var (seals, runs) = await tx.QuerySingleOrDefaultAsync(CountUses, static row => (row.GetInt64(0), row.GetInt64(1)), id);
        if (seals > 0 || runs > 0 || seal.Seals(id))
        {
            throw IntakeErrors.SealingKeyInUse(name, seals);
        }

        return new RetireSealingKeyResponse { Key = await tx.QuerySingleOrDefaultAsync(Retire, row => Read(row), id, clock.GetUtcNow(), staff) };
    }

    private SealingKey Read(NpgsqlDataReader row) => new()
    {
        Name = SealingKeyName.Of(row.GetString(0)),
        FirstUsedAt = row.GetFieldValue<DateTimeOffset>(1).ToTimestamp(),
        RetiredAt = row.GetFieldValue<DateTimeOffset>(2).ToTimestamp(),
        RetiredBy = row.GetString(3),
        Configured = seal.Keys.Contains(row.GetString(0)),
    };
}
