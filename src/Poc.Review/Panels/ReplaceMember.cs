using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Panels;

/// <summary>
/// Gives the seat of a member who stepped back to somebody else, who is held to what everybody was held to at the seating. The term begins anew, so that the newcomer has all of it; what
/// others have cast stays cast, and what the leaver cast stays sealed and uncounted.
/// </summary>
internal sealed class ReplaceMember(IdempotentWrites writes, ProtocolShelf shelf, IdSource ids, TimeProvider clock)
{
    private const string PanelSql = "SELECT staff, conflict <> '', COALESCE(replaces, '') FROM panel_members WHERE dossier = $1";
    private const string SeatSql = "INSERT INTO panel_members (dossier, staff, replaces) VALUES ($1, $2, $3)";
    private const string TermSql = "UPDATE dossiers SET voting_ends_at = GREATEST(voting_ends_at, $2), revision = revision + 1 WHERE name = $1 RETURNING voting_ends_at";

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, ABORTED ETAG_MISMATCH, FAILED_PRECONDITION ILLEGAL_TRANSITION, SEAT_NOT_VACANT, ALREADY_ON_PANEL,
    /// PANEL_MEMBER_CONFLICTED, PANEL_MEMBER_TIED.
    /// </exception>
    public Task<ReplaceMemberResponse> HandleAsync(ReplaceMemberRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("dossier", request.Dossier, Names.Dossier)
            .Name("member", request.Member, Names.Staff)
            .Name("successor", request.Successor, Names.Staff)
            .NotBlank("etag", request.Etag)
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var dossier = (await DossierRecord.LockAsync(tx, request.Dossier)).RequireEtag(request.Etag).Require(DossierAction.ReplaceMember);
            var panel = await tx.QueryAsync(PanelSql, static row => new Seat(row.GetString(0), row.GetBoolean(1), row.GetString(2)), dossier.Name);
            if (!PanelEligibility.IsVacant(request.Member, Of(panel, static seat => seat.SteppedBack, static seat => seat.Staff), Of(panel, static seat => seat.Replaces.Length > 0, static seat => seat.Replaces)))
            {
                throw ReviewErrors.SeatNotVacant(dossier.Name, request.Member);
            }

            // Who stepped back once does not come back by another's seat.
            if (panel.Any(seat => seat.Staff == request.Successor))
            {
                throw ReviewErrors.AlreadyOnPanel(dossier.Name, request.Successor);
            }

            await PanelChecks.RequireAsync(tx, dossier, [request.Successor]);
            var now = clock.GetUtcNow();
            var rules = shelf.Of(dossier.Protocol!.Value);
            await tx.ExecuteAsync(SeatSql, dossier.Name, request.Successor, request.Member);
            var endsAt = await tx.ScalarAsync<DateTimeOffset>(TermSql, dossier.Name, now + rules.VotingTerm);
            var seatings = 2 + panel.Count(static seat => seat.Replaces.Length > 0);
            await Outbox.AddAsync(tx, new PanelSeated(ids.Next(), dossier.Name, seatings, now, dossier.Subject, rules.Name, [request.Successor], endsAt));
            return new ReplaceMemberResponse { Dossier = await DossierView.ReadAsync(tx, dossier.Name) };
        }, cancellation);
    }

    private static HashSet<string> Of(IEnumerable<Seat> panel, Func<Seat, bool> which, Func<Seat, string> name) => panel.Where(which).Select(name).ToHashSet(StringComparer.Ordinal);

    private sealed record Seat(string Staff, bool SteppedBack, string Replaces);
}
