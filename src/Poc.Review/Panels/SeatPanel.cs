using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Ballots;
using Poc.Review.Designations;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;
using Poc.Review.Subjects;

namespace Poc.Review.Panels;

/// <summary>
/// Seats a panel under a protocol version, which the dossier is bound to from then on; sealed voting begins and its term runs. The designation becomes Under
/// Assessment or Under Reconsideration, which is internal: the label stays what it was.
/// </summary>
internal sealed class SeatPanel(IdempotentWrites writes, ProtocolShelf shelf, RoundKeys rounds, IdSource ids, TimeProvider clock)
{
    private const string SeatSql = """
        UPDATE dossiers SET state = 'VOTING', protocol = $2, voting_ends_at = $3, episode = $4, state_before = $5, revision = revision + 1 WHERE name = $1
        """;

    private const string MembersSql = "INSERT INTO panel_members (dossier, staff) SELECT $1, unnest($2::text[])";

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID (also for a question the protocol does not answer, a protocol that is not effective yet, more members than it allows), NOT_FOUND DOSSIER_NOT_FOUND, PROTOCOL_NOT_FOUND, ABORTED
    /// ETAG_MISMATCH,
    /// FAILED_PRECONDITION ILLEGAL_TRANSITION (of the dossier or the designation), PANEL_TOO_SMALL, PANEL_MEMBER_CONFLICTED, PANEL_MEMBER_TIED, EPISODE_MISSING.
    /// </exception>
    public Task<SeatPanelResponse> HandleAsync(SeatPanelRequest request, Caller caller, CancellationToken cancellation)
    {
        Validate(request);
        var rules = shelf.Find(request.Protocol) ?? throw ReviewErrors.ProtocolNotFound(request.Protocol);
        if (request.Members.Count < rules.MinimumPanel)
        {
            throw ReviewErrors.PanelTooSmall(request.Members.Count, rules.MinimumPanel);
        }

        new Violations()
            .Require(request.Members.Count <= (rules.MaximumPanel ?? int.MaxValue), "members", $"must be at most {rules.MaximumPanel} under {rules.Name}")
            .Require(rules.IsEffectiveOn(Days.Today(clock)), "protocol", $"must be effective, which {rules.Name} is from {rules.EffectiveFrom:yyyy-MM-dd}")
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var dossier = (await DossierRecord.LockAsync(tx, request.Dossier)).RequireEtag(request.Etag).Require(DossierAction.SeatPanel);
            new Violations().Require(rules.Questions.Contains(dossier.Question), "protocol", "must answer the question of the dossier").ThrowIfAny();
            await PanelChecks.RequireAsync(tx, dossier, request.Members);
            await SeatAsync(tx, dossier, rules, [.. request.Members], caller);
            return new SeatPanelResponse { Dossier = await DossierView.ReadAsync(tx, dossier.Name) };
        }, cancellation);
    }

    private async Task SeatAsync(Tx tx, DossierRecord dossier, Rules rules, string[] members, Caller caller)
    {
        var now = clock.GetUtcNow();
        var endsAt = now + rules.VotingTerm;
        var episode = dossier.Episode ?? await EpisodeOf.NewestAsync(tx, dossier.Subject) ?? throw ReviewErrors.EpisodeMissing(dossier.Subject);
        var standing = await DesignationLedger.LockAsync(tx, episode) ?? throw ReviewErrors.EpisodeNotFound(episode);
        if (!DesignationMachine.CanSeat(dossier.Question, standing.State, out var next))
        {
            throw DesignationLedger.Illegal(standing, $"a panel for {EnumText<QuestionType>.Of(dossier.Question)}");
        }

        if (next is { } state)
        {
            await DesignationLedger.AppendAsync(tx, standing, new NewChange(state, "", DateOnly.FromDateTime(now.UtcDateTime),
                $"Panel seated in {dossier.Name}.", caller.Id), now);
        }

        await tx.ExecuteAsync(SeatSql, dossier.Name, rules.Version, endsAt, episode, EnumText<DesignationState>.Of(standing.State));
        await tx.ExecuteAsync(MembersSql, dossier.Name, members);
        await rounds.AddAsync(tx, dossier.Name);
        await Outbox.AddAsync(tx, new PanelSeated(ids.Next(), dossier.Name, 1, now, dossier.Subject, rules.Name, members, endsAt));
    }

    private static void Validate(SeatPanelRequest request)
    {
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("dossier", request.Dossier, Names.Dossier)
            .Name("protocol", request.Protocol, "protocols/{version}")
            .MaxCount("members", request.Members.Count, 100)
            .Require(request.Members.Distinct(StringComparer.Ordinal).Count() == request.Members.Count, "members", "must name each once")
            .NotBlank("etag", request.Etag);
        for (var i = 0; i < request.Members.Count; i++)
        {
            violations.Name($"members[{i}]", request.Members[i], Names.Staff);
        }

        violations.ThrowIfAny();
    }
}
