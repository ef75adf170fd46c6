using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Holds;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Erasures;

/// <summary>
/// Erases an object that somebody else proposed to erase. What decides is the key store: with the journal's row the key is gone, whatever happens to this process, and
/// what remains to be done in the archive is done again at its next opening.
/// </summary>
public sealed class ConfirmErasure(Database database, KeyStore keys, Eraser eraser, TimeProvider clock, ILogger<ConfirmErasure> logger)
{
    /// <summary>Answers when key and content are gone.</summary>
    public async Task<ConfirmErasureResponse> HandleAsync(ConfirmErasureRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations().Name("name", request.Name, "erasures/{erasure}").ThrowIfAny();
        var id = Guid.TryParseExact(request.Name["erasures/".Length..], "D", out var parsed) ? parsed : throw ArchiveErrors.ErasureNotFound(request.Name);
        // Whoever waits no longer does not stop it half-way.
        var done = await database.InTransactionAsync(tx => EraseAsync(tx, id, caller), CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
        return new ConfirmErasureResponse { Erasure = done };
    }

    private async Task<ErasureProposal> EraseAsync(Tx tx, Guid id, Caller caller)
    {
        var (proposal, objectId) = await ErasureProposals.FindAsync(tx, id) ?? throw ArchiveErrors.ErasureNotFound($"erasures/{id}");
        if (proposal.ProposedBy == caller.Id)
        {
            throw ArchiveErrors.ErasureNeedsAnotherPerson(proposal.Name);
        }

        if (await ObjectName.FindLockedAsync(tx, proposal.Object) is { } locked)
        {
            if ((await LegalHolds.HeldAsync(tx, [locked.Id])).Count > 0)
            {
                throw ArchiveErrors.LegalHoldPlaced(locked.Name);
            }

            var document = new ErasureDocument(objectId, id, proposal.Reason, proposal.Authority, proposal.ProposedBy, caller.Id).ToString();
            var erasure = new ErasedKey(objectId, document, caller.Id, clock.Now());
            await keys.EraseAsync(erasure, tx.Cancellation);
            await eraser.EraseAsync(tx, erasure);
            logger.LogWarning("Object {Object} was erased ({Reason}), proposed by {Proposer} and confirmed by {Caller}", objectId, proposal.Reason, proposal.ProposedBy, caller.Id);
        }

        proposal.Erasure = (await ErasedObjects.FindAsync(tx, [proposal.Object]))[proposal.Object];
        return proposal.Erasure.ProposedBy == proposal.ProposedBy && proposal.Erasure.Reason == proposal.Reason && proposal.Erasure.Authority == proposal.Authority
            ? proposal
            : throw ArchiveErrors.ObjectErased(proposal.Object);
    }
}
