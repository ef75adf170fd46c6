using System.Buffers.Binary;
using System.Globalization;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.Kernel.Tiles;
using Poc.Verify.Notes;

namespace Poc.Verify.Logs;

/// <summary>
/// <c>poc-verify log</c>: a whole C2SP tile log. Every entry is hashed anew, every tile compared with what the entries give, and the root at the size of every
/// checkpoint compared with the one that was signed; so the checkpoints are consistent with each other without any proof. Memory holds one tile a level.
/// Where only hashes are to be had, the same is built from the lowest tiles instead, and what the entries say remains open.
/// </summary>
internal sealed class VerifyLog
{
    private const int ProgressEvery = 100_000;
    private readonly TileSource _source;
    private readonly Report _report;
    private readonly TextWriter _progress;
    private readonly bool _withEntries;
    private readonly long _size;
    private readonly Queue<(string Name, Checkpoint Tree)> _checkpoints;
    private readonly ILookup<(int Level, long Index), TilePath> _partials;
    private readonly CompactRange _range = new();
    private readonly List<Level> _levels = [];

    private VerifyLog(
        TileSource source, bool withEntries, IReadOnlyList<(string Name, Checkpoint Tree)> checkpoints, IEnumerable<TilePath> partials, Report report, TextWriter progress)
    {
        (_source, _withEntries, _report, _progress) = (source, withEntries, report, progress);
        _checkpoints = new(checkpoints.OrderBy(checkpoint => checkpoint.Tree.Size));
        _size = checkpoints.Max(checkpoint => checkpoint.Tree.Size);
        _partials = partials.ToLookup(tile => (tile.Level, tile.Index));
    }

    /// <param name="place">Folder or URL of the log.</param>
    /// <param name="keys">Verifier keys; one of them must have signed every checkpoint.</param>
    /// <param name="origin">The log's origin, where it is not the name of the first key.</param>
    /// <param name="kept">Files of older checkpoints that somebody kept.</param>
    /// <param name="token">Bearer token for a log behind a URL that gives its entries to auditors only; null for none.</param>
    /// <param name="withEntries">False: the hashes are taken for what the entries hash to, and no entry is read.</param>
    /// <param name="report">Where findings go.</param>
    /// <param name="progress">Where progress goes.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(
        string place, IReadOnlyList<string> keys, string? origin, IReadOnlyList<string> kept, string? token, bool withEntries, Report report, TextWriter progress,
        CancellationToken cancellation)
    {
        var trusted = VerifyNote.Keys(keys);
        var log = trusted.FirstOrDefault(key => !key.IsCosigner) ?? throw new RefusedException(Reason.NotSigned, place, "the keys given are all of witnesses");
        origin ??= log.Name;
        var source = TileSource.Of(place, token);
        var files = source.List()?.ToList();
        var partials = new List<TilePath>();
        var head = Open(await source.ReadAsync("checkpoint", cancellation) ?? throw new RefusedException(Reason.FileMissing, "checkpoint", "there is no checkpoint"), "checkpoint");
        var checkpoints = new List<(string, Checkpoint)> { ("checkpoint", head) };
        foreach (var file in files ?? [])
        {
            if (file.StartsWith("checkpoints/", StringComparison.Ordinal))
            {
                Add(file, (await source.ReadAsync(file, cancellation))!);
            }
            else if (TilePath.Parse(file) is { } tile && tile.IsWithin(head.Size))
            {
                if (tile.Width < TilePath.Full)
                {
                    partials.Add(tile);
                }
            }
            else if (file != "checkpoint")
            {
                report.Fail(Reason.FileUnexpected, file, "no checkpoint covers it");
            }
        }

        foreach (var file in kept)
        {
            Add(file, await Input.ReadAsync(file, 1_000_000, cancellation));
        }

        await new VerifyLog(source, withEntries, checkpoints, partials, report, progress).RunAsync(cancellation);

        void Add(string name, byte[] note)
        {
            try
            {
                var checkpoint = Open(note, name);
                if (checkpoint.Size > head.Size)
                {
                    report.Fail(Reason.SizeOutOfRange, name, $"it has {checkpoint.Size} entries, the log only {head.Size}");
                    return;
                }

                checkpoints.Add((name, checkpoint));
            }
            catch (RefusedException refused)
            {
                report.Fail(refused.Failure);
            }
        }

        Checkpoint Open(byte[] note, string name)
        {
            var opened = VerifyNote.Open(note, name, trusted);
            if (opened.Signers.All(signer => signer.IsCosigner))
            {
                throw new RefusedException(Reason.NotSigned, name, "only witnesses have signed it");
            }

            try
            {
                var checkpoint = Checkpoint.Parse(opened.Text);
                return checkpoint.Origin == origin ? checkpoint : throw new RefusedException(Reason.OriginMismatch, name, $"it is of {checkpoint.Origin}, not of {origin}");
            }
            catch (FormatException problem)
            {
                throw new RefusedException(Reason.Malformed, name, problem.Message);
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        CompareRoots();
        for (var index = 0L; index * TilePath.Full < _size; index++)
        {
            var width = (int)Math.Min(TilePath.Full, _size - (index * TilePath.Full));
            foreach (var hash in await (_withEntries ? LeavesAsync(index, width, cancellation) : HashesAsync(index, width, cancellation)))
            {
                _range.Append(hash);
                await AddAsync(0, hash, cancellation);
                CompareRoots();
                if (_range.Size % ProgressEvery == 0)
                {
                    await _progress.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{_range.Size} of {_size} entries"));
                }
            }
        }

        for (var level = 0; level < _levels.Count; level++)
        {
            await CompareTileAsync(level, cancellation);
        }

        if (_withEntries)
        {
            _report.Checked($"{_size} entries hashed, with all tiles over them");
            return;
        }

        _report.Checked($"all tiles over {_size} hashes");
        _report.NotChecked("entries: none was hashed; the tiles hold together, whatever the entries say");
    }

    /// <summary>The leaf hashes of a bundle, as the lowest tile gives them.</summary>
    private async Task<IReadOnlyList<byte[]>> HashesAsync(long index, int width, CancellationToken cancellation)
    {
        var path = new TilePath(0, index, width);
        var (tile, name) = await ReadAsync(path, cancellation) ?? throw new RefusedException(Reason.FileMissing, path.ToString(), "without it there is no tree");
        var hashes = name == path.ToString() ? width : TilePath.Full;
        return tile.Length == hashes * MerkleTree.HashSize
            ? [.. tile.Chunk(MerkleTree.HashSize).Take(width)]
            : throw new RefusedException(Reason.TileMismatch, name, $"it has {tile.Length} bytes instead of {hashes} hashes");
    }

    /// <summary>The leaf hashes of a bundle, from its entries.</summary>
    private async Task<IReadOnlyList<byte[]>> LeavesAsync(long index, int width, CancellationToken cancellation)
    {
        var path = new TilePath(TilePath.Entries, index, width);
        var (bundle, name) = await ReadAsync(path, cancellation)
            ?? throw new RefusedException(
                Reason.FileMissing, path.ToString(), "the entries cannot be hashed without it (--hashes-only checks tiles and checkpoints alone, and says so)");
        var (hashes, ends) = Entries(bundle, name);
        if (name == path.ToString() ? hashes.Count != width : hashes.Count < width)
        {
            throw new RefusedException(Reason.BundleMalformed, name, $"it has {hashes.Count} entries instead of {width}");
        }

        foreach (var partial in _partials[(TilePath.Entries, index)].Where(partial => partial.ToString() != name))
        {
            var older = await _source.ReadAsync(partial.ToString(), cancellation);
            if (older is null || !older.AsSpan().SequenceEqual(bundle.AsSpan(0, ends[partial.Width - 1])))
            {
                _report.Fail(Reason.TileMismatch, partial.ToString(), "it does not begin as the entries do now");
            }
        }

        return [.. hashes.Take(width)];
    }

    private static (List<byte[]> Hashes, List<int> Ends) Entries(byte[] bundle, string name)
    {
        var hashes = new List<byte[]>(TilePath.Full);
        var ends = new List<int>(TilePath.Full);
        for (var at = 0; at < bundle.Length;)
        {
            if (bundle.Length - at < sizeof(ushort) || bundle.Length - at - sizeof(ushort) < BinaryPrimitives.ReadUInt16BigEndian(bundle.AsSpan(at)))
            {
                throw new RefusedException(Reason.BundleMalformed, name, $"the entry at byte {at} is cut off");
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(bundle.AsSpan(at));
            hashes.Add(MerkleTree.HashLeaf(bundle.AsSpan(at + sizeof(ushort), length)));
            at += sizeof(ushort) + length;
            ends.Add(at);
        }

        return (hashes, ends);
    }

    private async Task AddAsync(int level, byte[] hash, CancellationToken cancellation)
    {
        if (level == _levels.Count)
        {
            _levels.Add(new Level());
        }

        _levels[level].Hashes.Add(hash);
        if (_levels[level].Hashes.Count == TilePath.Full)
        {
            var above = MerkleTree.Root([.. _levels[level].Hashes]);
            await CompareTileAsync(level, cancellation);
            await AddAsync(level + 1, above, cancellation);
        }
    }

    private async Task CompareTileAsync(int level, CancellationToken cancellation)
    {
        var tile = _levels[level];
        if (tile.Hashes.Count == 0)
        {
            return;
        }

        byte[] expected = [.. tile.Hashes.SelectMany(hash => hash)];
        var path = new TilePath(level, tile.Index, tile.Hashes.Count);
        if (level == 0 && !_withEntries)
        {
            // It is what the tree was built from.
        }
        else if (await ReadAsync(path, cancellation) is not var (found, name))
        {
            _report.Fail(Reason.FileMissing, path.ToString(), "the tree needs this tile");
        }
        else if (name == path.ToString() ? !found.AsSpan().SequenceEqual(expected) : !found.AsSpan().StartsWith(expected))
        {
            _report.Fail(Reason.TileMismatch, name, "its hashes are not those of the entries");
        }

        foreach (var partial in _partials[(level, tile.Index)].Where(partial => partial.Width < tile.Hashes.Count))
        {
            var older = await _source.ReadAsync(partial.ToString(), cancellation);
            if (older is null || !older.AsSpan().SequenceEqual(expected.AsSpan(0, partial.Width * MerkleTree.HashSize)))
            {
                _report.Fail(Reason.TileMismatch, partial.ToString(), "its hashes are not those of the entries");
            }
        }

        tile.Hashes.Clear();
        tile.Index++;
    }

    /// <summary>A file of the log; behind a URL, where the log may have grown since, the full one instead of a partial one.</summary>
    private async Task<(byte[] Bytes, string Name)?> ReadAsync(TilePath path, CancellationToken cancellation)
    {
        if (await _source.ReadAsync(path.ToString(), cancellation) is { } found)
        {
            return (found, path.ToString());
        }

        var full = path with { Width = TilePath.Full };
        return path.Width < TilePath.Full && await _source.ReadAsync(full.ToString(), cancellation) is { } grown ? (grown, full.ToString()) : null;
    }

    private void CompareRoots()
    {
        while (_checkpoints.TryPeek(out var next) && next.Tree.Size == _range.Size)
        {
            _checkpoints.Dequeue();
            if (_range.Root().AsSpan().SequenceEqual(next.Tree.RootHash))
            {
                _report.Checked($"{next.Name}: {next.Tree.Origin} at {next.Tree.Size}");
            }
            else
            {
                _report.Fail(Reason.RootMismatch, next.Name, $"the first {next.Tree.Size} entries have another root than it says");
            }
        }
    }

    // The tile that a level is filling.
    private sealed class Level
    {
        public List<byte[]> Hashes { get; } = new(TilePath.Full);

        public long Index { get; set; }
    }
}
