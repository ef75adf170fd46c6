using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Panels;

/// <summary>Puts a tie on record; where who has it sits on a panel that votes, they step back by it.</summary>
internal sealed class RecordTie(IdempotentWrites writes, SteppingBack stepping, IdSource ids, TimeProvider clock)
{
    private const string InsertSql = "INSERT INTO ties (id, subject, staff, reason, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6)";

    private const string SittingSql = """
        SELECT d.name FROM dossiers AS d JOIN panel_members AS m ON m.dossier = d.name
        WHERE d.subject IN (SELECT names_of(person_of($1, 'infinity'), 'infinity')) AND d.state = 'VOTING' AND m.staff = $2 AND m.conflict = '' ORDER BY d.name
        """;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND SUBJECT_NOT_FOUND.</exception>
    public Task<RecordTieResponse> HandleAsync(RecordTieRequest request, Caller caller, CancellationToken cancellation)
    {
        var tie = request.Tie ?? new Tie();
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("parent", request.Parent, Names.Subject)
            .Require(request.Tie is not null, "tie", "must be given")
            .Name("tie.staff", tie.Staff, Names.Staff)
            .Text("tie.reason", tie.Reason)
            .ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            if (!await TieLedger.LockAsync(tx, request.Parent))
            {
                throw ReviewErrors.SubjectNotFound(request.Parent);
            }

            var id = ids.Next();
            await tx.ExecuteAsync(InsertSql, id, request.Parent, tie.Staff, tie.Reason, caller.Id, clock.GetUtcNow());
            var response = new RecordTieResponse { Tie = await TieLedger.FindAsync(tx, request.Parent, id) };
            foreach (var name in await tx.QueryAsync(SittingSql, static row => row.GetString(0), request.Parent, tie.Staff))
            {
                // Its ballots may have opened meanwhile: then they were counted as an open panel's, and that stands.
                var dossier = await DossierRecord.LockAsync(tx, name);
                if (DossierMachine.Legal(dossier.State).Contains(DossierAction.DeclareConflict) && await stepping.TryAsync(tx, dossier, tie.Staff, $"A tie is on record: {response.Tie!.Name}"))
                {
                    response.SteppedBack.Add(name);
                }
            }

            return response;
        }, cancellation);
    }
}
