using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>
/// Recognises partners by the client certificate of their TLS connection: one that is registered, by its SHA-256, is its partner's. What was read of it is trusted for
/// <see cref="IntakeOptions.ApiKeyCache"/>, so that a revocation acts on every replica within 5 seconds, on connections that are open too.
/// </summary>
internal sealed class PartnerCertificates(Database database, CredentialUses uses, IOptions<IntakeOptions> options, TimeProvider clock) : ICertificateCheck
{
    private const string Select = "SELECT partner_id, not_before, not_after, revoked_at IS NOT NULL FROM certificates WHERE sha256 = $1";

    private static readonly FrozenSet<string> _roles = FrozenSet.Create(StringComparer.Ordinal, Roles.Partner);

    private readonly TrustedFacts<Known> _known = new(options.Value.ApiKeyCache, clock, (id, cancellation) => database.ReadAsync(
        tx => tx.QuerySingleOrDefaultAsync(
            Select,
            row => new Known(
                $"partners/{row.GetString(0)}/certificates/{id}", new Caller($"partners/{row.GetString(0)}", _roles),
                row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2), row.GetBoolean(3)),
            Convert.FromHexString(id)),
        cancellation));

    /// <inheritdoc />
    public async ValueTask<Caller> CheckAsync(X509Certificate2 certificate, HttpContext call)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(certificate.RawDataMemory.Span));
        var now = clock.GetUtcNow();
        if (await _known.OfAsync(id, call.RequestAborted) is not { } known)
        {
            uses.NoteUnknown();
            throw IntakeErrors.CertificateInvalid("NOT_REGISTERED");
        }

        var outcome = known.Revoked ? CredentialUse.Types.Outcome.Revoked
            : now < known.NotBefore ? CredentialUse.Types.Outcome.NotYetValid
            : now > known.NotAfter ? CredentialUse.Types.Outcome.Expired
            : CredentialUse.Types.Outcome.Accepted;
        uses.Note(known.Name, call.Connection.RemoteIpAddress, outcome);
        if (outcome != CredentialUse.Types.Outcome.Accepted)
        {
            throw IntakeErrors.CertificateInvalid(EnumText<CredentialUse.Types.Outcome>.Of(outcome));
        }

        call.Features.Set(ProvedByCertificate.Instance);
        return known.Caller;
    }

    private sealed record Known(string Name, Caller Caller, DateTimeOffset NotBefore, DateTimeOffset NotAfter, bool Revoked);
}
