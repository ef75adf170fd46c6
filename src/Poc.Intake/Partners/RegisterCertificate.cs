using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>Registers a partner's certificate by its SHA-256. Two may be live, so that a partner can change over without a gap.</summary>
internal sealed class RegisterCertificate(IdempotentWrites writes, TimeProvider clock)
{
    /// <summary>Certificates of one partner that are neither revoked nor expired.</summary>
    public const int MaxLive = 2;

    // Locks the partner, so that two registrations cannot both be the second certificate.
    private const string LockPartner = "SELECT partner_id FROM partners WHERE partner_id = $1 FOR UPDATE";

    private const string CountLive = "SELECT count(*)::integer FROM certificates WHERE partner_id = $1 AND revoked_at IS NULL AND not_after > $2";

    private const string Insert =
        $"""
        INSERT INTO certificates (sha256, partner_id, certificate, not_before, not_after, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT ON CONSTRAINT pk_certificates DO NOTHING
        RETURNING {CertificateRow.Columns}
        """;

    public async Task<RegisterCertificateResponse> HandleAsync(RegisterCertificateRequest message, ServerCallContext context)
    {
        var now = clock.GetUtcNow();
        using var certificate = CertificateRules.Read(message.Certificate.ToByteArray());
        var violations = new Violations()
            .Uuid("request_id", message.RequestId)
            .Name("parent", message.Parent, "partners/{partner}")
            .Require(certificate is not null, "certificate", $"must be an X.509 certificate in DER or PEM of at most {CertificateRules.MaxBytes} bytes");
        var partner = message.Parent[(message.Parent.IndexOf('/', StringComparison.Ordinal) + 1)..];
        if (certificate is not null)
        {
            CertificateRules.Check(violations, certificate, partner, now);
        }

        violations.ThrowIfAny();
        return await writes.OnceAsync(context.Caller(), message.RequestId, message, tx => WriteAsync(tx, message.Parent, partner, certificate!, now), context.CancellationToken);
    }

    private static async Task<RegisterCertificateResponse> WriteAsync(Tx tx, string parent, string partner, X509Certificate2 certificate, DateTimeOffset now)
    {
        if (await tx.QuerySingleOrDefaultAsync(LockPartner, static row => row.GetString(0), partner) is null)
        {
            throw IntakeErrors.PartnerNotFound(parent);
        }

        if (await tx.ScalarAsync<int>(CountLive, partner, now) >= MaxLive)
        {
            throw IntakeErrors.CertificateLimit(parent, MaxLive);
        }

        var sha256 = SHA256.HashData(certificate.RawData);
        var registered = await tx.QuerySingleOrDefaultAsync(
            Insert, CertificateRow.Read,
            sha256, partner, certificate.RawData, new DateTimeOffset(certificate.NotBefore).ToUniversalTime(), new DateTimeOffset(certificate.NotAfter).ToUniversalTime(), now);
        return new RegisterCertificateResponse { Certificate = registered ?? throw IntakeErrors.CertificateExists(Convert.ToHexStringLower(sha256)) };
    }
}
