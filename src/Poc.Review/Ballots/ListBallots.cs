using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Ballots;

/// <summary>Ballots: all that count once they are open, before that the caller's own and how many are in.</summary>
internal sealed class ListBallots(Database database, RoundKeys rounds)
{
    private const string DossierSql = "SELECT ballots_opened_at IS NOT NULL FROM dossiers WHERE name = $1";

    private const string BallotsSql = """
        SELECT b.reviewer, b.choice, b.reason, b.cast_at FROM ballots AS b JOIN panel_members AS m ON m.dossier = b.dossier AND m.staff = b.reviewer
        WHERE b.dossier = $1 AND (m.conflict = '' OR b.reviewer = $2) ORDER BY b.reviewer
        """;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND.</exception>
    public Task<ListBallotsResponse> HandleAsync(ListBallotsRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Name("dossier", request.Dossier, Names.Dossier).ThrowIfAny();
        return database.ReadAsync(async tx =>
        {
            var box = await BallotBox.ReadAsync(tx, request.Dossier);
            var round = await rounds.FindAsync(tx, request.Dossier);
            await SealedReading.AsAsync(tx, caller);
            var open = await tx.QuerySingleOrDefaultAsync<bool?>(DossierSql, static row => row.GetBoolean(0), request.Dossier)
                ?? throw ReviewErrors.DossierNotFound(request.Dossier);
            var ballots = await tx.QueryAsync(
                BallotsSql,
                static row => new Ballot
                {
                    Reviewer = row.GetString(0),
                    Choice = EnumText<Choice>.Parse(row.GetString(1)),
                    Reason = row.GetString(2),
                    CastAt = row.GetFieldValue<DateTimeOffset>(3).ToTimestamp(),
                },
                request.Dossier, caller.Id);
            if (round is not null && ballots.All(ballot => ballot.Reviewer != caller.Id) && await SealedReading.BallotAsync(tx, round, request.Dossier, caller) is { } own)
            {
                ballots = [.. ballots, own];
            }

            return new ListBallotsResponse { Ballots = { ballots }, Open = open, CastCount = box.Cast, Tally = open ? box.Tally : null };
        }, cancellation);
    }
}
