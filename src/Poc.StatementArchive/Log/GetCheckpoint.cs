using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;
using Poc.StatementArchive.Witnesses;

namespace Poc.StatementArchive.Log;

/// <summary>Answers with the newest signed checkpoint and what witnesses say of it.</summary>
public sealed class GetCheckpoint(Database database, LogReader reader, LogKey key, WitnessList witnesses)
{
    /// <summary>The checkpoint, the key to verify it with, and the largest checkpoint that was cosigned.</summary>
    public Task<GetCheckpointResponse> HandleAsync(CancellationToken cancellation) => database.ReadAsync(async tx =>
    {
        var newest = await reader.NewestAsync(tx);
        var response = new GetCheckpointResponse { Checkpoint = newest.Note, VerifierKey = key.Verifier.ToString(), NextVerifierKey = key.NextVerifier?.ToString() ?? "" };
        if (witnesses.All.Count > 0)
        {
            response.CosignedCheckpoint = await Cosignatures.NewestAsync(tx) ?? "";
            response.Witnesses.AddRange((await Cosignatures.StatesAsync(tx, witnesses.Keys)).Select(View));
        }

        return response;
    }, cancellation);

    private static LogWitness View(WitnessState state) => new()
    {
        VerifierKey = state.VerifierKey,
        TreeSize = state.Size,
        WitnessedAt = state.WitnessedAt?.ToTimestamp(),
        UnwitnessedSeconds = (long)state.UnwitnessedAge.TotalSeconds,
        Disputed = state.Alarm is not null,
    };
}
