using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Attachments;
using Poc.Intake.Requesters;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>
/// Puts checked filings on disk, each by the way it needs: most together with those of other callers (<see cref="GroupCommit"/>); one that takes another request back or
/// that brings files or a requester in a transaction of its own, because more than its own rows changes with it.
/// </summary>
internal sealed class FilingDesk(
    GroupCommit commits, Withdrawal withdrawal, AttachmentBinding attachments, RequesterStore requesters, CitedStatements cited, Database database)
{
    /// <summary>The row that is on disk for the filing's request id: its own, or that of the filing it repeats.</summary>
    /// <exception cref="Poc.Grpc.RpcError">NOT_FOUND (CITED_STATEMENT_UNKNOWN), UNAVAILABLE (ARCHIVE_UNAVAILABLE, OVERLOADED); what <see cref="Withdrawal"/> and
    /// <see cref="AttachmentBinding"/> refuse.</exception>
    public async Task<RequestRow> StoreAsync(Filing filing, CancellationToken cancellation)
    {
        if (filing.Row.CitedStatements.Count > 0)
        {
            // A repetition is answered even when the archive is away, or has erased since what was cited.
            if (await database.ReadAsync(tx => FindAsync(tx, filing), cancellation) is { } known)
            {
                return known;
            }

            await cited.RequireKnownAsync(filing.Row.CitedStatements, cancellation);
        }

        return filing.Row.Kind == RequestKind.Withdraw || filing.Row.Attachments.Count > 0 || filing.Requester is not null
            ? (await database.InTransactionAsync(tx => StoreAsync(tx, [filing]), cancellation))[0]
            : await commits.StoreAsync(filing, cancellation);
    }

    /// <summary>
    /// The same for several filings in the caller's transaction: all of them or none. What they cite must have been asked for before.
    /// </summary>
    public async Task<IReadOnlyList<RequestRow>> StoreAsync(Tx tx, IReadOnlyList<Filing> filings)
    {
        var rows = await RequestStore.StoreAsync(tx, filings);
        for (var i = 0; i < rows.Count; i++)
        {
            if (!ReferenceEquals(rows[i], filings[i].Row))
            {
                // A repetition: everything was done the first time.
                await RequireSameRequesterAsync(tx, filings[i], rows[i]);
                continue;
            }

            if (filings[i].Requester is { } requester)
            {
                await requesters.SealAsync(tx, rows[i].Id, requester);
            }

            if (rows[i].Attachments.Count > 0)
            {
                await attachments.BindAsync(tx, rows[i]);
            }

            if (rows[i].Kind == RequestKind.Withdraw)
            {
                await withdrawal.TakeBackAsync(tx, rows[i]);
            }
        }

        return rows;
    }

    private async Task<RequestRow?> FindAsync(Tx tx, Filing filing)
    {
        if (await RequestStore.FindAsync(tx, [filing.Row]) is not { Count: 1 } known)
        {
            return null;
        }

        var stored = known.Values.Single();
        await RequireSameRequesterAsync(tx, filing, stored);
        return stored;
    }

    // There is no hash of it to compare, which could be guessed from: the seal is opened, and nothing but "the same" leaves here.
    private async Task RequireSameRequesterAsync(Tx tx, Filing filing, RequestRow stored)
    {
        if (filing.Requester is not null && stored.RequesterSealed && !filing.Requester.Equals(await requesters.OpenAsync(tx, stored.Id)))
        {
            throw CommonErrors.RequestIdReused(filing.Row.RequestId.ToString());
        }
    }
}
