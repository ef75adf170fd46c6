using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>Registers an API key by the hash of its secret. Two may be active, so that a partner can change over without a gap.</summary>
internal sealed partial class RegisterApiKey(IdempotentWrites writes, TimeProvider clock)
{
    /// <summary>Active keys of one partner.</summary>
    public const int MaxActive = 2;

    // Locks the partner, so that two registrations cannot both be the second key.
    private const string LockPartner = "SELECT partner_id FROM partners WHERE partner_id = $1 FOR UPDATE";

    private const string CountActive = "SELECT count(*)::integer FROM api_keys WHERE partner_id = $1 AND revoked_at IS NULL";

    private const string Insert =
        """
        INSERT INTO api_keys (api_key_id, partner_id, secret_sha256, created_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT ON CONSTRAINT pk_api_keys DO NOTHING
        RETURNING created_at
        """;

    public Task<RegisterApiKeyResponse> HandleAsync(RegisterApiKeyRequest message, ServerCallContext context)
    {
        new Violations()
            .Uuid("request_id", message.RequestId)
            .Name("parent", message.Parent, "partners/{partner}")
            .Require(ApiKeyId().IsMatch(message.ApiKeyId), "api_key_id", "must be 6 to 20 lower-case letters and digits")
            .Require(message.SecretSha256.Length == 32, "secret_sha256", "must be the 32 bytes of a SHA-256")
            .ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, tx => WriteAsync(tx, message, message.Parent["partners/".Length..]), context.CancellationToken);
    }

    private async Task<RegisterApiKeyResponse> WriteAsync(Tx tx, RegisterApiKeyRequest message, string partner)
    {
        if (await tx.QuerySingleOrDefaultAsync(LockPartner, static row => row.GetString(0), partner) is null)
        {
            throw IntakeErrors.PartnerNotFound(message.Parent);
        }

        if (await tx.ScalarAsync<int>(CountActive, partner) >= MaxActive)
        {
            throw IntakeErrors.ApiKeyLimit(message.Parent, MaxActive);
        }

        var created = await tx.QuerySingleOrDefaultAsync<DateTimeOffset?>(
            Insert, static row => row.GetFieldValue<DateTimeOffset>(0), message.ApiKeyId, partner, message.SecretSha256.ToByteArray(), clock.GetUtcNow());
        return created is { } at
            ? new RegisterApiKeyResponse { ApiKey = new ApiKey { Name = $"{message.Parent}/apiKeys/{message.ApiKeyId}", CreatedAt = at.ToTimestamp() } }
            : throw IntakeErrors.ApiKeyExists(message.ApiKeyId);
    }

    [GeneratedRegex("^[a-z0-9]{6,20}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex ApiKeyId();
}
