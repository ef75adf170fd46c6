using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Designations;
using Poc.Review.Dossiers;
using Poc.Review.Panels;
using Poc.Review.Precedents;
using Poc.Review.Protocols;
using static Poc.Contracts.Review.V1.Dossier.Types;

namespace Poc.Review.Decisions;

/// <summary>
/// Signs as the caller's role. At every signature the archive re-reads, re-hashes and proves each cited statement (DOMAIN, invariant 1) and confirms the search
/// records behind "not retracted" (invariant 9). The last signature puts the decision in force, under embargo: the designation changes, no mandate does.
/// </summary>
internal sealed class SignDecision(IdempotentWrites writes, ProtocolShelf shelf, Archive archive, IdSource ids, TimeProvider clock)
{
    private const string DossierSql = "SELECT dossier FROM decisions WHERE name = $1";

    private const string SearchesSql = """
        SELECT statement,
            array_agg(DISTINCT search_record) FROM assessments WHERE dossier = $1 AND retraction = 'NOT_RETRACTED' GROUP BY statement ORDER BY statement
        """;

    private const string ReplySql = "SELECT given, reason, dated FROM replies WHERE dossier = $1 ORDER BY id DESC LIMIT 1";
    private const string SignSql = "INSERT INTO signatures (decision, staff, role, content_sha256, signed_at) VALUES ($1, $2, $3, $4, $5)";
    private const string TouchSql = "UPDATE decisions SET revision = revision + 1 WHERE name = $1";
    private const string InForceSql = "UPDATE decisions SET content = $2, content_sha256 = $3, in_force_at = $4 WHERE name = $1";
    private const string SignedContentSql = "SELECT content_sha256 FROM signatures WHERE decision = $1";

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DECISION_NOT_FOUND, ABORTED ETAG_MISMATCH, PERMISSION_DENIED ROLE_MISSING, FAILED_PRECONDITION
    /// ALREADY_SIGNED_BY_CALLER,
    /// ROLE_ALREADY_SIGNED, DECIDED_BEFORE, CITATION_REFUSED, SEARCH_RECORD_MISSING, PRECEDENT_UNANSWERED, ILLEGAL_TRANSITION, LABEL_STANDS, UNAVAILABLE ARCHIVE_UNAVAILABLE.
    /// </exception>
    public Task<SignDecisionResponse> HandleAsync(SignDecisionRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Uuid("request_id", request.RequestId).Name("name", request.Name, Names.Decision).NotBlank("etag", request.Etag).ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            // The dossier's row is the lock of everything in it, its decision included; it is taken before anything is read that is decided on.
            var dossierName = await tx.QuerySingleOrDefaultAsync<string>(DossierSql, static row => row.GetString(0), request.Name)
                ?? throw ReviewErrors.DecisionNotFound(request.Name);
            var dossier = await DossierRecord.LockAsync(tx, dossierName);
            var decision = (await DecisionView.ReadAsync(tx, request.Name))!;
            var rules = shelf.Of(dossier.Protocol!.Value);
            var role = await RequireSignerAsync(tx, dossier, decision, rules, caller, request.Etag);
            // Another decision may have come into force since it was drafted. After the first signature nobody can answer it any more: what was signed stands.
            if (decision.Signatures.Count == 0)
            {
                await PrecedentDuty.RequireAnsweredAsync(tx, dossier.Name, rules, decision.Outcome, decision.Reasons, decision.Precedents);
            }

            var content = await VerifiedContentAsync(tx, dossier, decision, rules);

            var now = clock.GetUtcNow();
            await tx.ExecuteAsync(SignSql, decision.Name, caller.Id, role, DecisionContent.Hash(content), now);
            await tx.ExecuteAsync(TouchSql, decision.Name);
            var complete = SignatureRole.IsComplete(rules.Signatures, [.. decision.Signatures.Select(static signature => signature.Role), role]);
            if (complete)
            {
                await PutInForceAsync(tx, dossier, decision, rules, content, caller, now);
            }

            return new SignDecisionResponse { Decision = await DecisionView.ReadAsync(tx, decision.Name), InForce = complete };
        }, cancellation);
    }

    private static async Task<string> RequireSignerAsync(Tx tx, DossierRecord dossier, Decision decision, Rules rules, Caller caller, string etag)
    {
        if (decision.Signatures.Any(signature => signature.Staff == caller.Id))
        {
            throw ReviewErrors.AlreadySignedByCaller(decision.Name);
        }

        if (decision.Etag != etag)
        {
            throw CommonErrors.EtagMismatch(decision.Name);
        }

        dossier.Require(DossierAction.SignDecision);
        if (PanelEligibility.Conflicted([caller.Id], await EarlierDeciders.OfAsync(tx, dossier.Appeals)).Count > 0)
        {
            throw ReviewErrors.DecidedBefore(caller.Id);
        }

        if (SignatureRole.Of(rules.Signatures, [.. decision.Signatures.Select(static signature => signature.Role)], caller.Roles) is { } role)
        {
            return role;
        }

        throw rules.Signatures.FirstOrDefault(caller.Is) is { } taken
            ? ReviewErrors.RoleAlreadySigned(decision.Name, taken) : CommonErrors.RoleMissing([.. rules.Signatures]);
    }

    private async Task<string> VerifiedContentAsync(Tx tx, DossierRecord dossier, Decision decision, Rules rules)
    {
        IReadOnlyList<CitationFinding> findings = await archive.VerifyAsync(decision.Citations, tx.Cancellation);
        foreach (var (statement, records) in await tx.QueryAsync(SearchesSql, static row => (row.GetString(0), row.GetFieldValue<string[]>(1)), dossier.Name))
        {
            await archive.RequireSearchRecordsAsync(statement, records, tx.Cancellation);
        }

        var reply = await tx.QuerySingleOrDefaultAsync(
            ReplySql, static row => new RightOfReply
            {
                Given = row.GetBoolean(0),
                Reason = row.GetString(1),
                Dated = Days.Text(row.GetFieldValue<DateOnly>(2))
            }, dossier.Name);
        return DecisionContent.Write(decision, findings, reply!, rules);
    }

    private async Task PutInForceAsync(Tx tx, DossierRecord dossier, Decision decision, Rules rules, string content, Caller caller, DateTimeOffset now)
    {
        var hash = DecisionContent.Hash(content);
        foreach (var signed in await tx.QueryAsync(SignedContentSql, static row => row.GetFieldValue<byte[]>(0), decision.Name))
        {
            // Drafts, dissents and replies are closed after the first signature, and the archive has just confirmed what is cited.
            if (!signed.AsSpan().SequenceEqual(hash))
            {
                throw new InvalidOperationException($"{decision.Name} was signed with other content before.");
            }
        }

        await ChangeDesignationAsync(tx, dossier, decision, caller, now);
        await tx.ExecuteAsync(InForceSql, decision.Name, content, hash, now);
        await dossier.MoveAsync(tx, State.Decided);
        await Outbox.AddAsync(tx, new DecisionSigned(
            ids.Next(), decision.Name, 1, now, dossier.Name, decision.Subject, decision.Episode, EnumText<Outcome>.Of(decision.Outcome), decision.Protocol,
                Convert.ToHexStringLower(hash),
            decision.Corrects.Length == 0 ? null : decision.Corrects, rules.MandatoryAudiences));
    }

    private static async Task ChangeDesignationAsync(Tx tx, DossierRecord dossier, Decision decision, Caller caller, DateTimeOffset now)
    {
        var standing = await DesignationLedger.LockAsync(tx, decision.Episode) ?? throw ReviewErrors.EpisodeNotFound(decision.Episode);
        if (DesignationMachine.After(decision.Outcome, dossier.StateBefore!.Value, standing.State) is { } next)
        {
            DesignationLedger.Require(standing, next.State);
            await DesignationLedger.RequireOnlyLabelAsync(tx, standing, next.State);
            await DesignationLedger.AppendAsync(
                tx, standing, new NewChange(next.State, next.Label, Days.Parse(decision.EffectiveOn), decision.Reasons, caller.Id, decision.Name), now);
        }
    }
}
