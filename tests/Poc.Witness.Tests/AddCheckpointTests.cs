using System.Text;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;

namespace Poc.Witness.Tests;

public sealed class AddCheckpointTests : WitnessedFolder
{
    [Fact]
    public void Cosigns_what_extends_what_it_cosigned_before()
    {
        using var run = new Run(Witness);
        foreach (var (old, size) in ((int, int)[])[(0, 1), (1, 2), (2, 7), (7, 7), (7, 256), (256, 300)])
        {
            var answer = run.Send(Body(old, size));
            Assert.Equal((size, 200), (size, answer.Status));
            var opened = SignedNote.Open(Note(size) + answer.Body, Log.PublicKey, Key);
            Assert.Equal([Log.PublicKey, Key], opened.Signers);
        }
    }

    [Fact]
    public void Refuses_a_stale_size_and_tells_the_one_it_knows()
    {
        using var run = new Run(Witness);
        run.Send(Body(0, 5));
        foreach (var body in (string[])[Body(0, 7), Body(3, 7), Body(6, 7), Body(0, 3)])
        {
            Assert.Equal(new AddCheckpointAnswer(409, "5\n"), run.Send(body));
        }

        Assert.Equal("text/x.tlog.size", run.Send(Body(0, 7)).ContentType);
        Assert.Equal(200, run.Send(Body(5, 7)).Status);
    }

    [Fact]
    public void Never_cosigns_a_fork()
    {
        using var run = new Run(Witness);
        run.Send(Body(0, 5));
        var other = MerkleTree.HashLeaf("another entry"u8);
        Assert.Equal(new AddCheckpointAnswer(409, "5\n"), run.Send(Ask(5, [], Note(5, root: other))));
        Assert.Equal(422, run.Send(Ask(5, Proof(5, 9), Note(9, root: other))).Status);
        Assert.Equal(200, run.Send(Body(5, 9)).Status);
    }

    [Fact]
    public void Refuses_a_proof_that_proves_nothing()
    {
        using var run = new Run(Witness);
        Assert.Equal(422, run.Send(Ask(0, [Root(1)], Note(5))).Status);
        run.Send(Body(0, 5));
        var proof = Proof(5, 9);
        Assert.Equal(422, run.Send(Ask(5, [], Note(9))).Status);
        Assert.Equal(422, run.Send(Ask(5, proof.Skip(1), Note(9))).Status);
        Assert.Equal(422, run.Send(Ask(5, [.. proof, proof[0]], Note(9))).Status);
        Assert.Equal(422, run.Send(Ask(5, [.. proof.Reverse()], Note(9))).Status);
        Assert.Equal(422, run.Send(Ask(5, proof, Note(5))).Status);
    }

    [Fact]
    public void Cosigns_only_logs_it_knows_under_keys_it_knows()
    {
        using var run = new Run(Witness);
        using var unknown = new NoteSigner("log.example/two", new byte[32]);
        Assert.Equal(404, run.Send(Ask(0, [], unknown.Sign(new Checkpoint("log.example/two", 1, Root(1)).ToString()))).Status);
        using var forger = new NoteSigner(Origin, [.. Enumerable.Repeat((byte)1, 32)]);
        Assert.Equal(403, run.Send(Body(0, 1, Note(1, forger))).Status);
        Assert.Equal(403, run.Send(Body(0, 1, Note(1).Replace("\n1\n", "\n2\n", StringComparison.Ordinal))).Status);
        Assert.Equal(403, run.Send(Body(0, 1, unknown.Sign(new Checkpoint(Origin, 1, Root(1)).ToString()))).Status);
    }

    [Fact]
    public void Follows_a_log_from_one_key_to_the_next()
    {
        using var next = new NoteSigner(Origin, [.. Enumerable.Repeat((byte)1, 32)]);
        using (var before = new Run(Witness))
        {
            Assert.Equal(200, before.Send(Body(0, 1)).Status);
            // Signed by both, of which it knows one.
            Assert.Equal(200, before.Send(Body(1, 2, Both(2))).Status);
            Assert.Equal(403, before.Send(Body(2, 3, Note(3, next))).Status);
        }

        Witness.Trust(next.PublicKey);
        Assert.Throws<FormatException>(() => Witness.Trust(next.PublicKey));
        using (var during = new Run(Witness))
        {
            Assert.Equal(200, during.Send(Body(2, 3)).Status);
            Assert.Equal(200, during.Send(Body(3, 4, Both(4))).Status);
            Assert.Equal(200, during.Send(Body(4, 5, Note(5, next))).Status);
        }

        Witness.Distrust(Log.PublicKey);
        Assert.Throws<FormatException>(() => Witness.Distrust(Log.PublicKey));
        Assert.Throws<FormatException>(() => Witness.Distrust(next.PublicKey));
        using var after = new Run(Witness);
        Assert.Equal(403, after.Send(Body(5, 6)).Status);
        Assert.Equal(200, after.Send(Body(5, 6, Note(6, next))).Status);

        string Both(int size) => Note(size) + Note(size, next).Split("\n\n")[1];
    }

    [Fact]
    public void A_key_whose_writing_was_cut_off_by_a_crash_leaves_those_before()
    {
        using var next = new NoteSigner(Origin, [.. Enumerable.Repeat((byte)1, 32)]);
        var before = File.ReadAllBytes(StateFile);
        Witness.Trust(next.PublicKey);
        var after = File.ReadAllBytes(StateFile);
        var changed = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToList();
        for (var cut = 0; cut <= changed.Count; cut++)
        {
            var torn = before.ToArray();
            changed.Take(cut).ToList().ForEach(i => torn[i] = after[i]);
            File.WriteAllBytes(StateFile, torn);
            using var run = new Run(Witness);
            Assert.Equal((cut, cut == changed.Count ? 200 : 403), (cut, run.Send(Body(0, 1, Note(1, next))).Status));
        }
    }

    [Fact]
    public void Refuses_what_is_not_written_as_the_format_says()
    {
        using var run = new Run(Witness);
        var good = Body(0, 1);
        string[] malformed =
        [
            "", "\n\n", "old 0", "old 0\n\n", good[4..], good.Replace("old 0", "old 00", StringComparison.Ordinal), good.Replace("old 0", "old -1", StringComparison.Ordinal),
            good.Replace("old 0", "old +0", StringComparison.Ordinal), good.Replace("old 0", "old 0 ", StringComparison.Ordinal), good.Replace("old 0\n", "old 0\n!\n", StringComparison.Ordinal),
            good.Replace("old 0\n", "old 0\nAAAA\n", StringComparison.Ordinal), good.Replace("old 0\n", "old 99999999999999999999\n", StringComparison.Ordinal),
            Ask(0, Enumerable.Repeat(Root(1), 64), Note(1)), good.TrimEnd(), Ask(0, [], Origin + "\n"), Ask(2, [], Note(1)),
            Ask(0, [], Log.Sign($"{Origin}\n01\n{Convert.ToBase64String(Root(1))}\n")), Ask(0, [], Log.Sign($"{Origin}\n1\nAAAA\n")),
        ];
        Assert.All(malformed, body => Assert.Equal((body, 400), (body, run.Send(body).Status)));
        Assert.Equal(400, run.Send([.. Encoding.UTF8.GetBytes(good), 0xff]).Status);
        Assert.Equal(200, run.Send(good).Status);
    }

    [Fact]
    public void Knows_after_a_restart_what_it_cosigned()
    {
        using (var first = new Run(Witness))
        {
            first.Send(Body(0, 5));
            first.Send(Body(5, 6));
        }

        using var again = new Run(Witness);
        Assert.Equal(new AddCheckpointAnswer(409, "6\n"), again.Send(Body(0, 7)));
        Assert.Equal(new AddCheckpointAnswer(409, "6\n"), again.Send(Ask(6, [], Note(6, root: Root(1)))));
        Assert.Equal(200, again.Send(Body(6, 7)).Status);
    }

    [Fact]
    public void A_record_that_was_cut_off_by_a_crash_leaves_the_one_before()
    {
        using (var first = new Run(Witness))
        {
            first.Send(Body(0, 5));
            first.Send(Body(5, 6));
        }

        // The record of 6, as the second after the empty tree, is in the first place.
        var bytes = File.ReadAllBytes(StateFile);
        Assert.StartsWith("2 6 ", Encoding.ASCII.GetString(bytes, 4_096, 8), StringComparison.Ordinal);
        for (var cut = 0; cut < 60; cut++)
        {
            var torn = bytes.ToArray();
            torn.AsSpan(4_096 + cut, 4_096 - cut).Clear();
            File.WriteAllBytes(StateFile, torn);
            using var again = new Run(Witness);
            Assert.Equal((cut, new AddCheckpointAnswer(409, "5\n")), (cut, again.Send(Body(0, 7))));
        }
    }

    [Fact]
    public void Cosigns_nothing_when_it_does_not_know_what_it_cosigned()
    {
        var bytes = File.ReadAllBytes(StateFile);
        bytes.AsSpan(4_096).Clear();
        File.WriteAllBytes(StateFile, bytes);
        Assert.Throws<InvalidDataException>(() => Witness.Logs(toCosign: true));
        File.WriteAllBytes(StateFile, bytes[..5_000]);
        Assert.Throws<InvalidDataException>(() => Witness.Logs(toCosign: true));
    }

    [Fact]
    public void Two_processes_never_share_what_they_know()
    {
        using var run = new Run(Witness);
        Assert.Throws<IOException>(() => new Run(Witness));
    }

    /// <summary>The witness from its start to its end.</summary>
    private sealed class Run : IDisposable
    {
        private readonly IDisposable _alone;
        private readonly IReadOnlyDictionary<string, WitnessedLog> _logs;
        private readonly Cosigner _cosigner;
        private readonly AddCheckpoint _slice;

        public Run(WitnessFolder folder)
        {
            _alone = folder.TakeAlone();
            _logs = folder.Logs(toCosign: true).ToDictionary(log => log.Origin);
            _cosigner = folder.Cosigner();
            _slice = new AddCheckpoint(_logs, _cosigner, TimeProvider.System);
        }

        public AddCheckpointAnswer Send(string body) => Send(Encoding.UTF8.GetBytes(body));

        public AddCheckpointAnswer Send(byte[] body) => _slice.Handle(body);

        public void Dispose()
        {
            _cosigner.Dispose();
            _alone.Dispose();
            foreach (var log in _logs.Values)
            {
                log.Dispose();
            }
        }
    }
}
