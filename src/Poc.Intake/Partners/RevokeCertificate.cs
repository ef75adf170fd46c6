using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;

namespace Poc.Intake.Partners;

/// <summary>Ends a certificate. One that has ended already keeps the time when it did.</summary>
internal sealed class RevokeCertificate(IdempotentWrites writes, TimeProvider clock)
{
    private const string Update =
        $"""
        UPDATE certificates
        SET revoked_at = COALESCE(revoked_at, $3)
        WHERE encode(sha256, 'hex') = $1 AND partner_id = $2
        RETURNING {CertificateRow.Columns}
        """;

    public Task<RevokeCertificateResponse> HandleAsync(RevokeCertificateRequest message, ServerCallContext context)
    {
        new Violations().Uuid("request_id", message.RequestId).Name("name", message.Name, "partners/{partner}/certificates/{certificate}").ThrowIfAny();
        var parts = message.Name.Split('/');
        return writes.OnceAsync(
            context.Caller(), message.RequestId, message,
            async tx => new RevokeCertificateResponse
            {
                Certificate = await tx.QuerySingleOrDefaultAsync(Update, CertificateRow.Read, parts[3], parts[1], clock.GetUtcNow()) ?? throw IntakeErrors.CertificateNotFound(message.Name),
            },
            context.CancellationToken);
    }
}
