using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Subjects;

namespace Poc.Review.Dossiers;

/// <summary>Names the statements the panel must assess. What the archive does not have, or what specifies no words, is not put before a panel.</summary>
internal sealed class AttachStatements(IdempotentWrites writes, Archive archive)
{
    private const string InsertSql = """
        INSERT INTO dossier_statements (dossier, statement) VALUES ($1, $2) ON CONFLICT ON CONSTRAINT pk_dossier_statements DO NOTHING
        """;

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID (also for another subject's statement), NOT_FOUND DOSSIER_NOT_FOUND, ABORTED ETAG_MISMATCH, FAILED_PRECONDITION
    /// ILLEGAL_TRANSITION, STATEMENT_NOT_CITABLE, UNAVAILABLE ARCHIVE_UNAVAILABLE.
    /// </exception>
    public Task<AttachStatementsResponse> HandleAsync(AttachStatementsRequest request, Caller caller, CancellationToken cancellation)
    {
        Validate(request);
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var dossier = (await DossierRecord.LockAsync(tx, request.Dossier)).RequireEtag(request.Etag).Require(DossierAction.AttachStatements);
            RequireSubject(request, await People.NamesAsync(tx, dossier.Subject));
            await Task.WhenAll(request.Statements.Distinct(StringComparer.Ordinal).Select(statement =>
                archive.RequireCitableAsync(statement, tx.Cancellation)));
            foreach (var statement in request.Statements)
            {
                await tx.ExecuteAsync(InsertSql, dossier.Name, statement);
            }

            await dossier.TouchAsync(tx);
            return new AttachStatementsResponse { Dossier = await DossierView.ReadAsync(tx, dossier.Name) };
        }, cancellation);
    }

    private static void Validate(AttachStatementsRequest request)
    {
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("dossier", request.Dossier, Names.Dossier)
            .Require(request.Statements.Count > 0, "statements", "must have at least one element")
            .MaxCount("statements", request.Statements.Count, 50)
            .NotBlank("etag", request.Etag);
        for (var i = 0; i < request.Statements.Count; i++)
        {
            violations.Name($"statements[{i}]", request.Statements[i], Names.Statement);
        }

        violations.ThrowIfAny();
    }

    private static void RequireSubject(AttachStatementsRequest request, IReadOnlyList<string> person)
    {
        var violations = new Violations();
        for (var i = 0; i < request.Statements.Count; i++)
        {
            violations.Require(person.Any(subject => request.Statements[i].StartsWith(subject + "/", StringComparison.Ordinal)), $"statements[{i}]",
                "must be a statement of the dossier's subject");
        }

        violations.ThrowIfAny();
    }
}
