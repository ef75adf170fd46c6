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
    // As the person was known when the decision came into force: a name that is corrected later changes no page of before.
    private const string AtSql = "SELECT COALESCE(in_force_at, 'infinity') FROM decisions WHERE name = $1";

    private const string PersonSql = """
        SELECT person_of(d.subject, COALESCE(n.in_force_at, 'infinity')) FROM decisions AS n JOIN dossiers AS d ON d.name = n.dossier WHERE n.name = $1
        """;

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
                var person = await tx.ScalarAsync<string>(PersonSql, decision.Name);
                var subject = (await SubjectView.ReadAsync(tx, person, await tx.ScalarAsync<DateTimeOffset>(AtSql, decision.Name)))!;
                var content = await tx.ScalarAsync<string>(ContentSql, decision.Name);
                return new GetDecisionDocumentResponse { Html = DecisionDocument.Write(decision, dossier, subject, shelf.Find(decision.Protocol)!, content), Content = content };
            },
            cancellation);
    }
}
