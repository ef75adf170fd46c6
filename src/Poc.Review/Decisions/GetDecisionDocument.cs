using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;
using Poc.Review.Subjects;

namespace Poc.Review.Decisions;

/// <summary>A decision as a page to be read, and what was signed, byte for byte.</summary>
internal sealed class GetDecisionDocument(Database database, ProtocolShelf shelf)
{
    private const string ContentSql = "SELECT COALESCE(content, '') FROM decisions WHERE name = $1";

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DECISION_NOT_FOUND.</exception>
    public async Task<GetDecisionDocumentResponse> HandleAsync(GetDecisionDocumentRequest request, CancellationToken cancellation)
    {
        new Violations().Name("name", request.Name, Names.Decision).ThrowIfAny();
        return await database.ReadAsync(
            async tx =>
            {
                var decision = await DecisionView.ReadAsync(tx, request.Name) ?? throw ReviewErrors.DecisionNotFound(request.Name);
                var dossier = (await DossierView.ReadAsync(tx, decision.Dossier))!;
                var subject = (await SubjectView.ReadAsync(tx, decision.Subject))!;
                var content = await tx.ScalarAsync<string>(ContentSql, decision.Name);
                return new GetDecisionDocumentResponse { Html = DecisionDocument.Write(decision, dossier, subject, shelf.Find(decision.Protocol)!, content), Content = content };
            },
            cancellation);
    }
}
