using Poc.Contracts.Events;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Register;

namespace Poc.Review.Subjects;

/// <summary>
/// Makes a change of who a subject is count, by somebody else than who proposed it. What was recorded stays as it was recorded: a merge moves no row, it only has both read under one name
/// from this moment on.
/// </summary>
internal sealed class ConfirmIdentityChange(IdempotentWrites writes, RegisterNews register, IdSource ids, TimeProvider clock)
{
    private const string InsertSql = "INSERT INTO identity_confirmations (change, confirmed_by, confirmed_at) VALUES ($1, $2, $3)";
    private const string CountSql = "SELECT count(*) FROM identity_history AS h JOIN identity_changes AS c USING (subject, kind) WHERE c.id = $1";

    /// <exception cref="RpcError">
    /// INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND IDENTITY_CHANGE_NOT_FOUND, PERMISSION_DENIED IDENTITY_CHANGE_NEEDS_ANOTHER_PERSON, FAILED_PRECONDITION IDENTITY_CHANGE_CONFIRMED,
    /// IDENTITY_CHANGED, SUBJECT_MERGED, SUBJECT_NOT_MERGED, IDENTITY_CHANGE_BLOCKED.
    /// </exception>
    public Task<ConfirmIdentityChangeResponse> HandleAsync(ConfirmIdentityChangeRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Uuid("request_id", request.RequestId).Name("name", request.Name, IdentityLedger.Pattern).ThrowIfAny();
        return register.FollowAsync(writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var proposed = await FindAsync(tx, request.Name);
            if (proposed.Change.ProposedBy == caller.Id)
            {
                throw ReviewErrors.IdentityChangeNeedsAnotherPerson(request.Name);
            }

            await People.LockAsync(tx, proposed.Change.Subject);
            proposed = await FindAsync(tx, request.Name);
            if (proposed.Change.ConfirmedAt is not null)
            {
                throw ReviewErrors.IdentityChangeConfirmed(request.Name);
            }

            await IdentityLedger.RequirePossibleAsync(tx, proposed.Change);
            if (await IdentityLedger.SeenAsync(tx, proposed.Change.Subject, proposed.Other) != proposed.Seen)
            {
                throw ReviewErrors.IdentityChanged(request.Name);
            }

            await ConfirmAsync(tx, proposed, caller);
            return new ConfirmIdentityChangeResponse
            {
                IdentityChange = (await FindAsync(tx, request.Name)).Change,
                Subject = await SubjectView.ReadAsync(tx, proposed.Change.MergedInto.Length > 0 ? proposed.Change.MergedInto : proposed.Change.Subject),
            };
        }, cancellation));
    }

    private static async Task<IdentityLedger.Entry> FindAsync(Tx tx, string name)
    {
        var at = name.IndexOf("/identityChanges/", StringComparison.Ordinal);
        return Guid.TryParseExact(name[(at + "/identityChanges/".Length)..], "D", out var id) && await IdentityLedger.FindAsync(tx, name[..at], id) is { } found
            ? found : throw ReviewErrors.IdentityChangeNotFound(name);
    }

    private async Task ConfirmAsync(Tx tx, IdentityLedger.Entry proposed, Caller caller)
    {
        var now = clock.GetUtcNow();
        await tx.ExecuteAsync(InsertSql, proposed.Id, caller.Id, now);
        var version = await tx.ScalarAsync<long>(CountSql, proposed.Id);
        var (id, change) = (ids.Next(), proposed.Change);
        if (change.Corrected is { } corrected)
        {
            await RegisterNames.AddAsync(tx, change.Subject, now, corrected.NativeName, corrected.Transliterations);
        }

        IEvent told = change.ChangeCase switch
        {
            IdentityChange.ChangeOneofCase.MergedInto => new SubjectMerged(id, change.Subject, version, now, change.MergedInto),
            IdentityChange.ChangeOneofCase.SeparatedFrom => new SubjectSeparated(id, change.Subject, version, now, change.SeparatedFrom),
            _ => new SubjectCorrected(id, change.Subject, version, now, change.Corrected.NativeName, change.Corrected.Script, [.. change.Corrected.Transliterations]),
        };
        await Outbox.AddAsync(tx, told);
    }
}
