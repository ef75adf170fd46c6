using System.Security.Cryptography;
using Google.Protobuf;
using Poc.Postgres;

namespace Poc.Grpc;

/// <summary>
/// Writes that happen once however often they are sent (AIP-155): the answer is stored in the transaction of the write, under the caller's request id.
/// </summary>
public sealed class IdempotentWrites(Database database)
{
    // Waits for a twin whose transaction is still open, and then finds its row or, if it was rolled back, goes first.
    private const string ClaimSql = """
        INSERT INTO writes (caller, request_id, method, body_sha256) VALUES ($1, $2, $3, $4)
        ON CONFLICT ON CONSTRAINT pk_writes DO NOTHING
        """;

    private const string AnswerSql = "UPDATE writes SET response = $3, object_id = $4 WHERE caller = $1 AND request_id = $2";
    private const string ForgetSql = "DELETE FROM writes WHERE object_id = $1";
    private const string StoredSql = "SELECT method, body_sha256, response FROM writes WHERE caller = $1 AND request_id = $2";

    /// <summary>
    /// Runs <paramref name="write"/> in a transaction the first time the caller sends this request id, and answers every repetition with what it answered then.
    /// Concurrent twins wait for each other. When the write throws, nothing is stored and the id is free again.
    /// </summary>
    /// <param name="caller">Whose id it is: two callers may use the same one for different things.</param>
    /// <param name="requestId">A UUID of the caller's making.</param>
    /// <param name="request">The request message; its bytes tell a repetition from another request.</param>
    /// <param name="write">The work and its answer. It may run more than once, rolled back each time but the last
    /// (<see cref="Database.InTransactionAsync{T}"/>).</param>
    /// <param name="cancellation">Ends the wait; the write may still have happened.</param>
    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID: no UUID. ALREADY_EXISTS REQUEST_ID_REUSED: the id stands for another request.</exception>
    public Task<TResponse> OnceAsync<TRequest, TResponse>(
        Caller caller, string requestId, TRequest request, Func<Tx, Task<TResponse>> write, CancellationToken cancellation)
        where TRequest : IMessage
        where TResponse : IMessage<TResponse>, new()
        => OnceAsync(
            caller, requestId, request,
            async tx =>
            {
                var answer = await write(tx);
                return new KeptAnswer<TResponse>(answer, answer, ObjectId: null);
            },
            static (_, stored) => Task.FromResult(stored), cancellation);

    /// <summary>The same for answers that must not be kept as they are: what is kept of one is enough to give it again from where its content lies.</summary>
    /// <param name="caller">As above.</param>
    /// <param name="requestId">As above.</param>
    /// <param name="request">As above.</param>
    /// <param name="write">As above, with what is to be kept.</param>
    /// <param name="complete">Makes the answer again from what was kept of it.</param>
    /// <param name="cancellation">As above.</param>
    /// <exception cref="RpcError">As above.</exception>
    public async Task<TResponse> OnceAsync<TRequest, TResponse>(
        Caller caller, string requestId, TRequest request, Func<Tx, Task<KeptAnswer<TResponse>>> write, Func<Tx, TResponse, Task<TResponse>> complete,
        CancellationToken cancellation)
        where TRequest : IMessage
        where TResponse : IMessage<TResponse>, new()
    {
        new Violations().Uuid("request_id", requestId).ThrowIfAny();
        var id = Guid.ParseExact(requestId, "D");
        var method = request.Descriptor.FullName;
        var body = SHA256.HashData(request.ToByteArray());

        return await database.InTransactionAsync(
            async tx =>
            {
                if (await tx.ExecuteAsync(ClaimSql, caller.Id, id, method, body) == 1)
                {
                    var (response, kept, objectId) = await write(tx);
                    await tx.ExecuteAsync(AnswerSql, caller.Id, id, kept.ToByteArray(), objectId);
                    return response;
                }

                var stored = await tx.QuerySingleOrDefaultAsync(
                    StoredSql,
                    static row => (Method: row.GetString(0), Body: row.GetFieldValue<byte[]>(1), Response: row.GetFieldValue<byte[]>(2)),
                    caller.Id,
                    id);
                return stored.Method == method && stored.Body.AsSpan().SequenceEqual(body)
                    ? await complete(tx, new MessageParser<TResponse>(static () => new TResponse()).ParseFrom(stored.Response))
                    : throw CommonErrors.RequestIdReused(requestId);
            },
            cancellation);
    }

    /// <summary>Forgets the answers about an object, and with them that they were ever asked for: a repetition is a new request.</summary>
    public static Task ForgetAsync(Tx tx, Guid objectId) => tx.ExecuteAsync(ForgetSql, objectId);
}

/// <summary>An answer, and what is kept of it for repetitions.</summary>
/// <param name="Answer">Given now.</param>
/// <param name="Kept">Kept in its place.</param>
/// <param name="ObjectId">What it is about, for <see cref="IdempotentWrites.ForgetAsync"/>; null where it is never forgotten.</param>
public readonly record struct KeptAnswer<TResponse>(TResponse Answer, TResponse Kept, Guid? ObjectId);
