using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;
using Poc.StatementArchive.TimeStamps;
using Poc.StatementArchive.Witnesses;

namespace Poc.StatementArchive.Log;

/// <summary>Answers with the newest signed checkpoint and what witnesses and time-stamp authorities say of it.</summary>
public sealed class GetCheckpoint(Database database, LogReader reader, LogKey key, WitnessList witnesses, AuthorityList authorities)
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

        foreach (var state in authorities.All.Count == 0 ? [] : await StoredStamps.StatesAsync(tx, authorities.Names))
        {
            response.TimeStamps.Add(View(state, state.Size == 0 ? null : await reader.AtAsync(tx, state.Size)));
        }

        return response;
    }, cancellation);

    private static LogTimeStamp View(StampState state, SignedCheckpoint? stamped) => new()
    {
        Authority = state.Authority,
        TreeSize = state.Size,
        CheckpointText = stamped?.Tree.ToString() ?? "",
        Token = ByteString.CopyFrom(state.Token ?? []),
        StampedAt = state.StampedAt?.ToTimestamp(),
        UnstampedSeconds = (long)state.UnstampedAge.TotalSeconds,
    };

    private static LogWitness View(WitnessState state) => new()
    {
        VerifierKey = state.VerifierKey,
        TreeSize = state.Size,
        WitnessedAt = state.WitnessedAt?.ToTimestamp(),
        UnwitnessedSeconds = (long)state.UnwitnessedAge.TotalSeconds,
        Disputed = state.Alarm is not null,
    };
}
