using Google.Protobuf.Collections;
using Poc.Contracts.Review.V1;
using Poc.Contracts.Type.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Ballots;
using Poc.Review.Dossiers;
using Poc.Review.Panels;
using Poc.Review.Precedents;
using Poc.Review.Protocols;
using static Poc.Contracts.Review.V1.Dossier.Types;

namespace Poc.Review.Decisions;

/// <summary>
/// Drafts the decision that the open ballots lead to. The outcome follows from question, votes and majority rule; what is written is the reasons. Until the
/// first signature a further draft replaces it.
/// </summary>
internal sealed class DraftDecision(IdempotentWrites writes, ProtocolShelf shelf, Archive archive, IdSource ids, TimeProvider clock)
{
    private const string PrecedentsSql = """
        SELECT wanted FROM unnest($1::text[]) AS wanted
        WHERE NOT EXISTS (SELECT 1 FROM precedents WHERE name = wanted) AND NOT EXISTS (SELECT 1 FROM decisions WHERE name = wanted AND in_force_at IS NOT NULL)
        """;

    private const string RepliedSql = "SELECT EXISTS (SELECT 1 FROM replies WHERE dossier = $1)";

    private const string UpsertSql = """
        INSERT INTO decisions AS n (name, dossier, outcome, for_count, against_count, abstain_count, eligible_count, reasons, citations, precedents,
            pressure_disclosure, harm_forecast,
                                    effective_on, corrects, drafted_by, drafted_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        ON CONFLICT ON CONSTRAINT uq_decisions_dossier DO UPDATE
        SET reasons = EXCLUDED.reasons, citations = EXCLUDED.citations, precedents = EXCLUDED.precedents, pressure_disclosure = EXCLUDED.pressure_disclosure,
            harm_forecast = EXCLUDED.harm_forecast, effective_on = EXCLUDED.effective_on, drafted_by = EXCLUDED.drafted_by, drafted_at = EXCLUDED.drafted_at,
                revision = n.revision + 1
        RETURNING name
        """;

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, PRECEDENT_NOT_FOUND, ABORTED ETAG_MISMATCH, FAILED_PRECONDITION BALLOTS_SEALED,
    /// ILLEGAL_TRANSITION,
    /// RIGHT_OF_REPLY_MISSING, DEPARTURE_UNEXPLAINED, PRECEDENT_UNANSWERED, CITATION_REFUSED, DECIDED_BEFORE, UNAVAILABLE ARCHIVE_UNAVAILABLE.
    /// </exception>
    public Task<DraftDecisionResponse> HandleAsync(DraftDecisionRequest request, Caller caller, CancellationToken cancellation)
    {
        Validate(request);
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var dossier = (await DossierRecord.LockAsync(tx, request.Dossier)).RequireEtag(request.Etag);
            await RequireReadyAsync(tx, dossier, request.Decision, caller);
            await archive.VerifyAsync(request.Decision.Citations, tx.Cancellation);
            var name = await StoreAsync(tx, dossier, request.Decision, caller);
            await dossier.MoveAsync(tx, State.Drafted);
            return new DraftDecisionResponse { Decision = await DecisionView.ReadAsync(tx, name) };
        }, cancellation);
    }

    private static async Task RequireReadyAsync(Tx tx, DossierRecord dossier, Decision draft, Caller caller)
    {
        if (dossier.State == State.Voting)
        {
            throw ReviewErrors.BallotsSealed(dossier.Name);
        }

        dossier.Require(DossierAction.DraftDecision);
        await DecisionRecord.RequireUnsignedAsync(tx, dossier, DossierAction.DraftDecision);
        if (PanelEligibility.Conflicted([caller.Id], await EarlierDeciders.OfAsync(tx, dossier.Appeals)).Count > 0)
        {
            throw ReviewErrors.DecidedBefore(caller.Id);
        }

        if (!await tx.ScalarAsync<bool>(RepliedSql, dossier.Name))
        {
            throw ReviewErrors.RightOfReplyMissing(dossier.Name);
        }

        if (draft.Precedents.FirstOrDefault(static comparison => comparison.Departs && string.IsNullOrWhiteSpace(comparison.Because)) is { } unexplained)
        {
            throw ReviewErrors.DepartureUnexplained(unexplained.Precedent);
        }

        var unknown = await tx.QueryAsync(PrecedentsSql, static row => row.GetString(0),
            (object)draft.Precedents.Select(static comparison => comparison.Precedent).ToArray());
        if (unknown.Count > 0)
        {
            throw ReviewErrors.PrecedentNotFound(unknown[0]);
        }
    }

    private async Task<string> StoreAsync(Tx tx, DossierRecord dossier, Decision draft, Caller caller)
    {
        var tally = (await BallotBox.ReadAsync(tx, dossier.Name)).Tally;
        var rules = shelf.Of(dossier.Protocol!.Value);
        var passed = rules.Majority.Passes(tally);
        var outcome = Verdict.Of(dossier.Question, passed, await DecisionRecord.AppealedOutcomeAsync(tx, dossier.Appeals));
        await PrecedentDuty.RequireAnsweredAsync(tx, dossier.Name, rules, outcome, draft.Reasons, draft.Precedents);
        var effectiveOn = draft.EffectiveOn.Length == 0 ? Days.Today(clock) : Days.Parse(draft.EffectiveOn);
        var corrects = dossier.Question == QuestionType.Appeal && passed ? dossier.Appeals : null;
        return await tx.ScalarAsync<string>(
            UpsertSql, Names.New("decisions", ids.Next()), dossier.Name, EnumText<Outcome>.Of(outcome), tally.ForCount, tally.AgainstCount, tally.AbstainCount,
                tally.EligibleCount,
            draft.Reasons, DecisionView.Array(draft.Citations), DecisionView.Array(draft.Precedents), draft.PressureDisclosure, draft.HarmForecast, effectiveOn,
                corrects, caller.Id,
            clock.GetUtcNow());
    }

    private void Validate(DraftDecisionRequest request)
    {
        var draft = request.Decision ?? new Decision();
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("dossier", request.Dossier, Names.Dossier)
            .NotBlank("etag", request.Etag)
            .Require(request.Decision is not null, "decision", "must be given")
            .Text("decision.reasons", draft.Reasons, Names.Prose)
            .Text("decision.pressure_disclosure", draft.PressureDisclosure, Names.Prose)
            .Text("decision.harm_forecast", draft.HarmForecast, Names.Prose)
            .MaxCount("decision.citations", draft.Citations.Count, Archive.MaxCitations)
            .MaxCount("decision.precedents", draft.Precedents.Count, 50);
        if (draft.EffectiveOn.Length > 0)
        {
            violations.DayUpTo("decision.effective_on", draft.EffectiveOn, Days.Today(clock));
        }

        ValidateCitations(violations, draft.Citations);
        for (var i = 0; i < draft.Precedents.Count; i++)
        {
            violations.NotBlank($"decision.precedents[{i}].precedent", draft.Precedents[i].Precedent).MaxLength($"decision.precedents[{i}].because",
                draft.Precedents[i].Because, Names.Sentence);
        }

        violations.ThrowIfAny();
    }

    // "His statements of 2007" cannot be cited (DOMAIN, invariant 2): a citation names a statement and the exact part of it.
    private static void ValidateCitations(Violations violations, RepeatedField<Citation> citations)
    {
        for (var i = 0; i < citations.Count; i++)
        {
            var field = $"decision.citations[{i}]";
            var citation = citations[i];
            violations.Name(field + ".statement", citation.Statement, Names.Statement)
                .Require(citation.Span is { KindCase: not Span.KindOneofCase.None }, field + ".span",
                    "must be given: a citation names the exact part of a statement")
                .Require((citation.TranslationVersion == 0) == (citation.TranslationLanguage.Length == 0) && citation.TranslationVersion >= 0,
                    field + ".translation_version", "must be given together with translation_language, or neither");
            if (citation.Span is { KindCase: Span.KindOneofCase.Text, Text: var text })
            {
                violations.Require(text.Start >= 0 && text.Start < text.End, field + ".span.text",
                    "start must be from 0 and less than end").NotBlank(field + ".span.text.exact", text.Exact);
            }
            else if (citation.Span is { KindCase: Span.KindOneofCase.Media, Media: var media })
            {
                violations.Require(media.StartMs >= 0 && media.StartMs < media.EndMs, field + ".span.media", "start_ms must be from 0 and less than end_ms");
            }
        }
    }
}
