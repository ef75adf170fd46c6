using System.Globalization;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;

namespace Poc.Witness;

/// <summary>What <c>add-checkpoint</c> is answered with.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The cosignature line for 200, the size known for 409, else why.</param>
internal sealed record AddCheckpointAnswer(int Status, string Body)
{
    public string ContentType => Status == StatusCodes.Status409Conflict ? "text/x.tlog.size" : "text/plain; charset=utf-8";
}

/// <summary>Cosigns a checkpoint of a known log, if it extends the largest one cosigned before (C2SP tlog-witness).</summary>
internal sealed class AddCheckpoint(IReadOnlyDictionary<string, WitnessedLog> logs, Cosigner cosigner, TimeProvider clock)
{
    public AddCheckpointAnswer Handle(byte[] body)
    {
        AddCheckpointRequest request;
        Checkpoint checkpoint;
        string text;
        WitnessedLog? log;
        try
        {
            request = AddCheckpointRequest.Parse(body);
            if (!logs.TryGetValue(request.Origin, out log))
            {
                return Refused(StatusCodes.Status404NotFound, "This witness does not know the log.");
            }

            text = SignedNote.Open(request.Note, log.Keys).Text;
            checkpoint = Checkpoint.Parse(text);
        }
        catch (NoteException unsigned) when (unsigned.Problem != NoteProblem.Malformed)
        {
            return Refused(StatusCodes.Status403Forbidden, unsigned.Message);
        }
        catch (FormatException malformed)
        {
            return Refused(StatusCodes.Status400BadRequest, malformed.Message);
        }

        if (request.OldSize > checkpoint.Size)
        {
            return Refused(StatusCodes.Status400BadRequest, "The old size is beyond the checkpoint's.");
        }

        lock (log.Turn)
        {
            var known = log.Tree;
            if (request.OldSize != known.Size || (checkpoint.Size == known.Size && !checkpoint.RootHash.AsSpan().SequenceEqual(known.RootHash)))
            {
                return new AddCheckpointAnswer(StatusCodes.Status409Conflict, string.Create(CultureInfo.InvariantCulture, $"{known.Size}\n"));
            }

            if (!Extends(known, checkpoint, request.Proof))
            {
                return Refused(StatusCodes.Status422UnprocessableEntity, "The proof does not show that the checkpoint extends the one known.");
            }

            // On the disk before anybody can see the cosignature: after a crash this witness still knows what it has vouched for.
            var now = clock.GetUtcNow();
            log.Keep(new WitnessedTree(checkpoint.Size, checkpoint.RootHash, now));
            return new AddCheckpointAnswer(StatusCodes.Status200OK, cosigner.Cosign(text, now));
        }
    }

    // Every tree begins with the empty one, for which there is no proof.
    private static bool Extends(WitnessedTree known, Checkpoint checkpoint, IReadOnlyList<byte[]> proof) => known.Size == 0 || known.Size == checkpoint.Size
        ? proof.Count == 0
        : ProofVerifier.Consistency(known.Size, checkpoint.Size, proof, known.RootHash, checkpoint.RootHash);

    private static AddCheckpointAnswer Refused(int status, string why) => new(status, why + "\n");
}
