using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>A page of a partner's certificates, newest first.</summary>
internal sealed class ListCertificates(Database database, PageTokens tokens)
{
    private const string PartnerExists = "SELECT EXISTS (SELECT FROM partners WHERE partner_id = $1)";

    // The cursor is the last certificate of the page before.
    private const string SelectPage =
        $"""
        SELECT {CertificateRow.Columns}
        FROM certificates
        WHERE partner_id = $1
          AND ($2 = '' OR (created_at, sha256) < (SELECT last.created_at, last.sha256 FROM certificates AS last WHERE last.sha256 = decode($2, 'hex')))
        ORDER BY created_at DESC, sha256 DESC
        LIMIT $3
        """;

    public async Task<ListCertificatesResponse> HandleAsync(ListCertificatesRequest message, ServerCallContext context)
    {
        new Violations().Name("parent", message.Parent, "partners/{partner}").ThrowIfAny();
        var size = PageSize.Coerce(message.PageSize);
        var after = tokens.Read(message, message.PageToken) ?? "";
        var partner = message.Parent["partners/".Length..];
        return await database.ReadAsync(
            async tx =>
            {
                if (!await tx.ScalarAsync<bool>(PartnerExists, partner))
                {
                    throw IntakeErrors.PartnerNotFound(message.Parent);
                }

                var rows = await tx.QueryAsync(SelectPage, CertificateRow.Read, partner, after, size + 1);
                return new ListCertificatesResponse
                {
                    Certificates = { rows.Take(size) },
                    NextPageToken = rows.Count > size ? tokens.Issue(message, rows[size - 1].Name.Split('/')[^1]) : "",
                };
            },
            context.CancellationToken);
    }
}
