using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;

namespace Poc.StatementArchive.Audits;

/// <summary>Shows what an audit has found.</summary>
public sealed class GetAudit(Database database)
{
    private const string Collection = "audits/";

    /// <summary>The audit of that name, or without one the audit that runs or was the last.</summary>
    public Task<GetAuditResponse> HandleAsync(GetAuditRequest request, CancellationToken cancellation) => database.ReadAsync(async tx =>
    {
        var audit = request.Name.Length == 0
            ? await AuditStore.NewestAsync(tx)
            : request.Name.StartsWith(Collection, StringComparison.Ordinal) && Guid.TryParseExact(request.Name[Collection.Length..], "D", out var id)
                ? await AuditStore.FindAsync(tx, id)
                : null;
        return new GetAuditResponse { Audit = await AuditStore.ViewAsync(tx, audit ?? throw ArchiveErrors.AuditNotFound(request.Name)) };
    }, cancellation);
}
