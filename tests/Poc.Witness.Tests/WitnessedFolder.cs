using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;

namespace Poc.Witness.Tests;

/// <summary>A folder of a witness, and a log that it knows with trees of any size.</summary>
public abstract class WitnessedFolder : IDisposable
{
    protected const string Origin = "log.example/one";
    private readonly List<byte[]> _leaves = [];

    protected WitnessedFolder()
    {
        Witness = new WitnessFolder(Folder);
        Key = Witness.Create("witness.example");
        Witness.Trust(Log.PublicKey);
    }

    protected string Folder { get; } = Directory.CreateTempSubdirectory("poc-witness-").FullName;

    protected NoteSigner Log { get; } = new(Origin, new byte[32]);

    internal WitnessFolder Witness { get; }

    protected NoteKey Key { get; }

    protected string StateFile => Directory.GetFiles(Path.Combine(Folder, "logs")).Single();

    /// <summary>The signed checkpoint of the first entries.</summary>
    protected string Note(int size, NoteSigner? signer = null, byte[]? root = null) => (signer ?? Log).Sign(new Checkpoint(Origin, size, root ?? Root(size)).ToString());

    protected byte[] Root(int size) => MerkleTree.Root(Leaves(size));

    /// <summary>A body that asks to go from one size to another.</summary>
    protected string Body(int old, int size, string? note = null) => Ask(old, old == 0 || old >= size ? [] : Proof(old, size), note ?? Note(size));

    protected static string Ask(object old, IEnumerable<byte[]> proof, string note)
        => string.Concat([$"old {old}\n", .. proof.Select(hash => Convert.ToBase64String(hash) + "\n"), "\n", note]);

    protected IReadOnlyList<byte[]> Proof(int old, int size)
    {
        var range = new CompactRange();
        var nodes = new Dictionary<NodeId, byte[]>();
        foreach (var (node, hash) in Leaves(size).SelectMany(range.Append))
        {
            nodes[node] = hash;
        }

        return ProofPlan.Consistency(old, size).Assemble(node => nodes[node]);
    }

    public void Dispose()
    {
        Log.Dispose();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private byte[][] Leaves(int size)
    {
        while (_leaves.Count < size)
        {
            _leaves.Add(MerkleTree.HashLeaf(BitConverter.GetBytes(_leaves.Count)));
        }

        return [.. _leaves.Take(size)];
    }
}
