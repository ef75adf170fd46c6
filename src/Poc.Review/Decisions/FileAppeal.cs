using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Decisions;

/// <summary>
/// Opens a dossier of its own for an appeal against a decision in force. It ends by its own decision and by nothing else. Who may appeal is said by the
/// protocol the decision was made under.
/// </summary>
internal sealed class FileAppeal(IdempotentWrites writes, ProtocolShelf shelf, IdSource ids, TimeProvider clock)
{
    // The lock makes two appeals against one decision come one after the other.
    private const string DecisionSql = """
        SELECT d.subject, d.episode, d.protocol,
            n.in_force_at IS NOT NULL FROM decisions AS n JOIN dossiers AS d ON d.name = n.dossier WHERE n.name = $1 FOR NO KEY UPDATE OF n
        """;

    private const string PendingSql = "SELECT name FROM dossiers WHERE appeals = $1 AND state <> 'DECIDED'";

    private const string OpenSql = """
        INSERT INTO dossiers (name, question, subject, episode, state, appeals, opened_at) VALUES ($1, 'APPEAL', $2, $3, 'GATHERING', $4, $5)
        """;

    private const string AppealSql = "INSERT INTO appeals (dossier, appellant, grounds, criteria) VALUES ($1, $2, $3, $4)";

    private sealed record Appealed(string Subject, string Episode, int Protocol, bool InForce);

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DECISION_NOT_FOUND, FAILED_PRECONDITION DECISION_NOT_SIGNED, NO_STANDING,
    /// APPEAL_PENDING.</exception>
    public Task<FileAppealResponse> HandleAsync(FileAppealRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("decision", request.Decision, Names.Decision)
            .Require(request.Appellant is "subject" or "counsel" or "third-party", "appellant", "must be subject, counsel or third-party")
            .Text("grounds", request.Grounds, Names.Prose)
            .MaxCount("criteria", request.Criteria.Count, 20)
            .Require(shelf.Newest.Known(QuestionType.Appeal, request.Criteria).Count == request.Criteria.Distinct(StringComparer.Ordinal).Count(), "criteria",
                "must be criteria that the newest protocol has for appeals")
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var appealed = await RequireAppealableAsync(tx, request);
            var now = clock.GetUtcNow();
            var name = Names.New("dossiers", ids.Next());
            await tx.ExecuteAsync(OpenSql, name, appealed.Subject, appealed.Episode, request.Decision, now);
            await tx.ExecuteAsync(AppealSql, name, request.Appellant, request.Grounds, request.Criteria.ToArray());
            await Outbox.AddAsync(tx, new DossierOpened(ids.Next(), name, 1, now, EnumText<QuestionType>.Of(QuestionType.Appeal), appealed.Subject,
                appealed.Episode));
            await Outbox.AddAsync(tx, new AppealFiled(ids.Next(), name, 1, now, request.Decision, appealed.Subject));
            return new FileAppealResponse { Dossier = await DossierView.ReadAsync(tx, name) };
        }, cancellation);
    }

    private async Task<Appealed> RequireAppealableAsync(Tx tx, FileAppealRequest request)
    {
        var appealed = await tx.QuerySingleOrDefaultAsync(
            DecisionSql, static row => new Appealed(row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetBoolean(3)), request.Decision)
                ?? throw ReviewErrors.DecisionNotFound(request.Decision);
        if (!appealed.InForce)
        {
            throw ReviewErrors.DecisionNotSigned(request.Decision);
        }

        var rules = shelf.Of(appealed.Protocol);
        if (!rules.Appellants.Contains(request.Appellant))
        {
            throw ReviewErrors.NoStanding(request.Decision, request.Appellant, rules.Name);
        }

        return await tx.QuerySingleOrDefaultAsync<string>(PendingSql, static row => row.GetString(0), request.Decision) is { } pending
            ? throw ReviewErrors.AppealPending(request.Decision, pending)
            : appealed;
    }
}
