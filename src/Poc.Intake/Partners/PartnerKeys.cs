using System.Buffers;
using System.Buffers.Text;
using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>
/// Recognises partners by their API key <c>poc_{api_key_id}_{secret}</c> in the header <c>x-api-key</c>. What was read of a key is trusted for
/// <see cref="IntakeOptions.ApiKeyCache"/>, so that a revocation acts on every replica within 5 seconds.
/// </summary>
internal sealed class PartnerKeys(Database database, CredentialUses uses, IOptions<IntakeOptions> options, TimeProvider clock) : ICredentialCheck
{
    private const int SecretLength = 32;

    private const string Select = "SELECT partner_id, secret_sha256, revoked_at IS NOT NULL FROM api_keys WHERE api_key_id = $1";

    private static readonly FrozenSet<string> _roles = FrozenSet.Create(StringComparer.Ordinal, Roles.Partner);
    private readonly TrustedFacts<Known> _known = new(options.Value.ApiKeyCache, clock, (id, cancellation) => database.ReadAsync(
        tx => tx.QuerySingleOrDefaultAsync(
            Select,
            row => new Known($"partners/{row.GetString(0)}/apiKeys/{id}", new Caller($"partners/{row.GetString(0)}", _roles), row.GetFieldValue<byte[]>(1), row.GetBoolean(2)), id),
        cancellation));

    /// <inheritdoc />
    public string Header => "x-api-key";

    /// <inheritdoc />
    public async ValueTask<Caller?> CheckAsync(string credential, HttpContext call)
    {
        if (!TryParse(credential, out var id, out var sha256) || await _known.OfAsync(id, call.RequestAborted) is not { } key)
        {
            uses.NoteUnknown();
            return null;
        }

        var outcome = !CryptographicOperations.FixedTimeEquals(sha256, key.SecretSha256) ? CredentialUse.Types.Outcome.SecretWrong
            : key.Revoked ? CredentialUse.Types.Outcome.Revoked
            : CredentialUse.Types.Outcome.Accepted;
        uses.Note(key.Name, call.Connection.RemoteIpAddress, outcome);
        return outcome == CredentialUse.Types.Outcome.Accepted ? key.Caller : null;
    }

    private static bool TryParse(string credential, out string id, out byte[] sha256)
    {
        (id, sha256) = ("", []);
        if (credential.Length > 100 || credential.Split('_', 3) is not ["poc", { Length: >= 6 and <= 20 } keyId, { Length: 43 } text])
        {
            return false;
        }

        Span<byte> secret = stackalloc byte[SecretLength + 1];
        if (Base64Url.DecodeFromChars(text, secret, out _, out var length) != OperationStatus.Done || length != SecretLength)
        {
            return false;
        }

        (id, sha256) = (keyId, SHA256.HashData(secret[..SecretLength]));
        return true;
    }

    private sealed record Known(string Name, Caller Caller, byte[] SecretSha256, bool Revoked);
}
