using Google.Protobuf;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Ballots;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;
using static Poc.Contracts.Review.V1.Dossier.Types;

namespace Poc.Review.Decisions;

/// <summary>What the record of a case would have come to under other rules. It reads, and writes nothing.</summary>
internal sealed class ReplayDossier(Database database, ProtocolShelf shelf)
{
    private const string AssessmentsSql = "SELECT a.body::text FROM assessments AS a JOIN panel_members AS m ON m.dossier = a.dossier AND m.staff = a.reviewer WHERE a.dossier = $1 AND m.conflict = ''";
    private const string SignedAsSql = "SELECT s.role FROM signatures AS s JOIN decisions AS n ON n.name = s.decision WHERE n.dossier = $1";

    // A field that a later version added is no reason to fail in this one.
    private static readonly JsonParser _parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, PROTOCOL_NOT_FOUND, FAILED_PRECONDITION BALLOTS_SEALED.</exception>
    public Task<ReplayDossierResponse> HandleAsync(ReplayDossierRequest request, CancellationToken cancellation)
    {
        new Violations().Name("dossier", request.Dossier, Names.Dossier).Name("protocol", request.Protocol, "protocols/{version}").ThrowIfAny();
        var other = shelf.Find(request.Protocol) ?? throw ReviewErrors.ProtocolNotFound(request.Protocol);
        return database.ReadAsync(
            async tx =>
            {
                var dossier = await DossierView.ReadAsync(tx, request.Dossier) ?? throw ReviewErrors.DossierNotFound(request.Dossier);
                return dossier.State is State.BallotsOpen or State.Drafted or State.Decided
                    ? Replay.Compare(await CaseAsync(tx, dossier), shelf.Find(dossier.Protocol)!, other)
                    : throw ReviewErrors.BallotsSealed(dossier.Name);
            },
            cancellation);
    }

    // Ballots that are open do not change any more: there is nothing to lock.
    private static async Task<ReplayedCase> CaseAsync(Tx tx, Dossier dossier)
    {
        var box = await BallotBox.ReadAsync(tx, dossier.Name);
        var assessments = await tx.QueryAsync(AssessmentsSql, static row => _parser.Parse<Assessment>(row.GetString(0)), dossier.Name);
        return new ReplayedCase(
            dossier.Question,
            [.. dossier.Requests.Where(static one => !one.Withdrawn).Select(static one => one.Criteria)],
            dossier.Appeal?.Appellant ?? "",
            box.Members.Count,
            box.Cast,
            box.Tally,
            await DecisionRecord.AppealedOutcomeAsync(tx, dossier.Appeals.Length == 0 ? null : dossier.Appeals),
            assessments.SelectMany(Factors).Select(static factor => factor.Score).DefaultIfEmpty(0).Max(),
            await tx.QueryAsync(SignedAsSql, static row => row.GetString(0), dossier.Name));
    }

    private static RabatFactor[] Factors(Assessment assessment) =>
        [assessment.Context, assessment.Speaker, assessment.Intent, assessment.ContentAndForm, assessment.Extent, assessment.Likelihood];
}
