using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;

namespace Poc.StatementArchive.Log;

/// <summary>Answers with the newest signed checkpoint.</summary>
public sealed class GetCheckpoint(Database database, LogReader reader, LogKey key)
{
    /// <summary>The checkpoint and the key to verify it with.</summary>
    public async Task<GetCheckpointResponse> HandleAsync(CancellationToken cancellation)
    {
        var newest = await database.ReadAsync(reader.NewestAsync, cancellation);
        return new GetCheckpointResponse { Checkpoint = newest.Note, VerifierKey = key.Verifier.ToString() };
    }
}
