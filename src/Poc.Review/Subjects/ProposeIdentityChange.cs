using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Review.Subjects;

/// <summary>Puts on record what somebody found out about who a subject is. Nothing changes until somebody else confirms it.</summary>
internal sealed class ProposeIdentityChange(IdempotentWrites writes, IdSource ids, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO identity_changes (id, subject, kind, other, native_name, script, transliterations, birth_date, identity_note, reason, seen, proposed_by, proposed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND SUBJECT_NOT_FOUND, FAILED_PRECONDITION SUBJECT_MERGED, SUBJECT_NOT_MERGED, IDENTITY_CHANGE_BLOCKED.</exception>
    public Task<ProposeIdentityChangeResponse> HandleAsync(ProposeIdentityChangeRequest request, Caller caller, CancellationToken cancellation)
    {
        Validate(request);
        var change = request.IdentityChange;
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            await IdentityLedger.RequirePossibleAsync(tx, change);
            var (id, other, corrected) = (ids.Next(), IdentityLedger.OtherOf(change), change.Corrected);
            var seen = await IdentityLedger.SeenAsync(tx, change.Subject, other);
            await tx.ExecuteAsync(
                InsertSql, id, change.Subject, KindOf(change), other.Length == 0 ? null : other, corrected?.NativeName, corrected?.Script, corrected?.Transliterations.ToArray(),
                corrected?.BirthDate, corrected?.Note, change.Reason, seen, caller.Id, clock.GetUtcNow());
            return new ProposeIdentityChangeResponse { IdentityChange = (await IdentityLedger.FindAsync(tx, change.Subject, id))!.Change };
        }, cancellation);
    }

    private static string KindOf(IdentityChange change) => change.ChangeCase switch
    {
        IdentityChange.ChangeOneofCase.MergedInto => "MERGED",
        IdentityChange.ChangeOneofCase.SeparatedFrom => "SEPARATED",
        _ => "CORRECTED",
    };

    private static void Validate(ProposeIdentityChangeRequest request)
    {
        const string Field = "identity_change";
        var change = request.IdentityChange ?? new IdentityChange();
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Require(request.IdentityChange is not null, Field, "must be given")
            .Name($"{Field}.subject", change.Subject, Names.Subject)
            .Text($"{Field}.reason", change.Reason);
        switch (change.ChangeCase)
        {
            case IdentityChange.ChangeOneofCase.Corrected:
                var corrected = change.Corrected;
                violations.Identity($"{Field}.corrected", corrected.NativeName, corrected.Script, corrected.Transliterations, corrected.BirthDate, ("note", corrected.Note));
                break;
            case IdentityChange.ChangeOneofCase.MergedInto or IdentityChange.ChangeOneofCase.SeparatedFrom:
                var field = $"{Field}.{(change.ChangeCase == IdentityChange.ChangeOneofCase.MergedInto ? "merged_into" : "separated_from")}";
                violations.Name(field, IdentityLedger.OtherOf(change), Names.Subject)
                    .Require(IdentityLedger.OtherOf(change) != change.Subject, field, "must be another subject");
                break;
            default:
                violations.Require(false, $"{Field}.change", "must be one of corrected, merged_into, separated_from");
                break;
        }

        violations.ThrowIfAny();
    }
}
