using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Postgres;

namespace Poc.Intake.Requesters;

/// <summary>Puts requesters' identities on disk, sealed, in the transaction that files the request.</summary>
internal sealed class RequesterStore(RequesterSeal seal)
{
    private const string Insert = "INSERT INTO sealed_requesters (request, key_id, wrapped_key, content) VALUES ($1, $2, $3, $4)";

    private const string SetOnRequest = "UPDATE requests SET requester_sealed = true WHERE id = $1";

    private const string Select = "SELECT key_id, wrapped_key, content FROM sealed_requesters WHERE request = $1";

    // Of the trigger that looks at the key.
    private const string KeyConstraint = "ck_sealed_requesters_key";

    /// <exception cref="Grpc.RpcError">FAILED_PRECONDITION (SEALING_KEY_MISSING, SEALING_KEY_RETIRED).</exception>
    public async Task SealAsync(Tx tx, Guid request, Requester requester)
    {
        var @sealed = seal.Seal(request, requester);
        try
        {
            await tx.ExecuteAsync(Insert, request, @sealed.KeyId, @sealed.WrappedKey, @sealed.Content);
        }
        catch (PostgresException refused) when (refused.ConstraintName == KeyConstraint)
        {
            throw IntakeErrors.SealingKeyRetired(SealingKeyName.Of(@sealed.KeyId));
        }

        await tx.ExecuteAsync(SetOnRequest, request);
    }

    /// <summary>The identity; null where the request has none.</summary>
    /// <exception cref="Grpc.RpcError">FAILED_PRECONDITION (SEALING_KEY_MISSING).</exception>
    public async Task<Requester?> OpenAsync(Tx tx, Guid request) =>
        await tx.QuerySingleOrDefaultAsync(
            Select, static row => new SealedRequester(row.GetString(0), row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2)), request) is { } @sealed
            ? seal.Open(request, @sealed) : null;
}
