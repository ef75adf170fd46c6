using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Decisions;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Ballots;

/// <summary>
/// Puts a signed disagreement beside the outcome, once for each who voted against it. It is part of what is signed, so it comes before the first signature.
/// </summary>
internal sealed class RecordDissent(IdempotentWrites writes, ProtocolShelf shelf, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO dissents (dossier, author, text, publish_name, recorded_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT ON CONSTRAINT pk_dissents DO NOTHING
        """;

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND, PERMISSION_DENIED NOT_ON_PANEL, VOTED_WITH_OUTCOME, FAILED_PRECONDITION ILLEGAL_TRANSITION,
    /// ALREADY_EXISTS DISSENT_ALREADY_RECORDED.
    /// </exception>
    public Task<RecordDissentResponse> HandleAsync(RecordDissentRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Uuid("request_id", request.RequestId).Name("dossier", request.Dossier, Names.Dossier).Text("text", request.Text,
            Names.Prose).ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var dossier = (await DossierRecord.LockAsync(tx, request.Dossier)).Require(DossierAction.RecordDissent);
            await RequireDissenterAsync(tx, dossier, caller);
            await DecisionRecord.RequireUnsignedAsync(tx, dossier, DossierAction.RecordDissent);
            if (await tx.ExecuteAsync(InsertSql, dossier.Name, caller.Id, request.Text, request.PublishName, clock.GetUtcNow()) == 0)
            {
                throw ReviewErrors.DissentAlreadyRecorded(dossier.Name);
            }

            await DecisionRecord.TouchOfDossierAsync(tx, dossier.Name);
            await dossier.TouchAsync(tx);
            return new RecordDissentResponse { Dissent = new Dissent { Author = request.PublishName ? caller.Id : "", Text = request.Text } };
        }, cancellation);
    }

    private async Task RequireDissenterAsync(Tx tx, DossierRecord dossier, Caller caller)
    {
        var box = await BallotBox.ReadAsync(tx, dossier.Name);
        if (!box.Eligible.Contains(caller.Id))
        {
            throw ReviewErrors.NotOnPanel(dossier.Name);
        }

        var passed = shelf.Of(dossier.Protocol!.Value).Majority.Passes(box.Tally);
        if (!box.Votes.Any(vote => vote.Staff == caller.Id && Verdict.IsAgainst(vote.Choice, passed)))
        {
            throw ReviewErrors.VotedWithOutcome(dossier.Name);
        }
    }
}
