using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Intake.Partners;

/// <summary>Ends a key. One that has ended already keeps the time when it did.</summary>
internal sealed class RevokeApiKey(IdempotentWrites writes, TimeProvider clock)
{
    private const string Update =
        """
        UPDATE api_keys
        SET revoked_at = COALESCE(revoked_at, $3)
        WHERE api_key_id = $1 AND partner_id = $2
        RETURNING created_at, revoked_at
        """;

    public Task<RevokeApiKeyResponse> HandleAsync(RevokeApiKeyRequest message, ServerCallContext context)
    {
        new Violations().Uuid("request_id", message.RequestId).Name("name", message.Name, "partners/{partner}/apiKeys/{api_key}").ThrowIfAny();
        var parts = message.Name.Split('/');
        return writes.OnceAsync(context.Caller(), message.RequestId, message, async tx =>
        {
            var key = await tx.QuerySingleOrDefaultAsync(
                Update,
                row => new ApiKey
                {
                    Name = message.Name,
                    CreatedAt = row.GetFieldValue<DateTimeOffset>(0).ToTimestamp(),
                    RevokedAt = row.GetFieldValue<DateTimeOffset>(1).ToTimestamp(),
                },
                parts[3], parts[1], clock.GetUtcNow());
            return new RevokeApiKeyResponse { ApiKey = key ?? throw IntakeErrors.ApiKeyNotFound(message.Name) };
        }, context.CancellationToken);
    }
}
