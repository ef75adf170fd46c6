using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using Poc.Campaigns.Input;

namespace Poc.Campaigns.Shares;

/// <summary>
/// Gives equal ids equal numbers, in the order in which they first appear. Millions of ids are held in a few large blocks instead of as strings; a run of hexadecimal digits at the
/// beginning, which most ids consist of, takes half a byte a digit.
/// </summary>
internal sealed class IdPool
{
    private const int BlockBits = 20;
    private const int BlockSize = 1 << BlockBits;
    /// <summary>Longest id in bytes.</summary>
    public const int LongestId = BlockSize / 4;

    private static readonly SearchValues<byte> Hex = SearchValues.Create("0123456789abcdef"u8);

    // Whoever prepares a file cannot prepare ids that all collide.
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
    private readonly List<byte[]> _blocks = [];
    private int _blockUsed = BlockSize;
    private uint[] _at = new uint[1024];
    private uint[] _hashes = new uint[1024];
    private int[] _table = new int[2048];
    private byte[] _packed = new byte[256];

    /// <summary>How many different ids there are.</summary>
    public int Count { get; private set; }

    /// <summary>The number of an id.</summary>
    /// <exception cref="InputException">The ids together are larger than 4 GB, or one is longer than <see cref="LongestId"/>.</exception>
    public int Intern(ReadOnlySpan<byte> id)
    {
        var packed = Pack(id);
        var hash = (uint)XxHash3.HashToUInt64(packed, _seed);
        var mask = _table.Length - 1;
        var slot = (int)hash & mask;
        while (_table[slot] != 0)
        {
            var known = _table[slot] - 1;
            if (_hashes[known] == hash && Packed(known).SequenceEqual(packed))
            {
                return known;
            }

            slot = (slot + 1) & mask;
        }

        _table[slot] = Add(packed, hash) + 1;
        if (Count > _table.Length * 3L / 4)
        {
            Grow();
        }

        return Count - 1;
    }

    /// <summary>Ends the interning and gives back what only it needs.</summary>
    public void Seal()
    {
        _table = [];
        _hashes = [];
    }

    /// <summary>Length of an id in bytes of UTF-8.</summary>
    public int Length(int number)
    {
        var entry = Packed(number);
        return entry[0] + (entry.Length - 1 - ((entry[0] + 1) / 2));
    }

    /// <summary>Writes an id as UTF-8 and returns its length.</summary>
    public int CopyTo(int number, Span<byte> destination)
    {
        var entry = Packed(number);
        var digits = entry[0];
        for (var i = 0; i < digits; i++)
        {
            var pair = entry[1 + (i / 2)];
            destination[i] = "0123456789abcdef"u8[(i & 1) == 0 ? pair >> 4 : pair & 15];
        }

        var rest = entry[(1 + ((digits + 1) / 2))..];
        rest.CopyTo(destination[digits..]);
        return digits + rest.Length;
    }

    /// <summary>An id as UTF-8.</summary>
    public byte[] Get(int number)
    {
        var id = new byte[Length(number)];
        CopyTo(number, id);
        return id;
    }

    /// <summary>An id as text.</summary>
    public string Text(int number) => Encoding.UTF8.GetString(Get(number));

    /// <summary>Ranks of the given ids in the order of their bytes (collation "C").</summary>
    /// <param name="numbers">Different ids.</param>
    /// <returns>By id; ids that were not given have rank 0.</returns>
    public int[] Ranks(ReadOnlySpan<int> numbers)
    {
        var sorted = new (ulong Prefix, byte[] Id, int Number)[numbers.Length];
        Span<byte> prefix = stackalloc byte[8];
        for (var i = 0; i < sorted.Length; i++)
        {
            var id = Get(numbers[i]);
            prefix.Clear();
            id.AsSpan(0, Math.Min(8, id.Length)).CopyTo(prefix);
            sorted[i] = (BinaryPrimitives.ReadUInt64BigEndian(prefix), id, numbers[i]);
        }

        Array.Sort(sorted, static (a, b) => a.Prefix != b.Prefix ? a.Prefix.CompareTo(b.Prefix) : a.Id.AsSpan().SequenceCompareTo(b.Id));
        var ranks = new int[Count];
        for (var i = 0; i < sorted.Length; i++)
        {
            ranks[sorted[i].Number] = i;
        }

        return ranks;
    }

    private ReadOnlySpan<byte> Packed(int number)
    {
        var at = _at[number];
        var block = _blocks[(int)(at >> BlockBits)].AsSpan((int)(at & (BlockSize - 1)));
        var length = (block[0] << 16) | (block[1] << 8) | block[2];
        return block.Slice(3, length);
    }

    /// <summary>An entry: number of leading hexadecimal digits, these two a byte, then the rest as it is.</summary>
    private ReadOnlySpan<byte> Pack(ReadOnlySpan<byte> id)
    {
        if (id.Length > LongestId)
        {
            throw new InputException($"An id is longer than {LongestId} bytes.");
        }

        var digits = id.IndexOfAnyExcept(Hex);
        digits = Math.Min(digits < 0 ? id.Length : digits, byte.MaxValue - 1) & ~1;
        var packed = 1 + (digits / 2);
        var length = packed + id.Length - digits;
        if (_packed.Length < length)
        {
            _packed = new byte[length * 2];
        }

        _packed[0] = (byte)digits;
        if (digits > 0 && Convert.FromHexString(id[..digits], _packed.AsSpan(1), out _, out _) != OperationStatus.Done)
        {
            throw new UnreachableException("Hexadecimal digits that are none.");
        }

        id[digits..].CopyTo(_packed.AsSpan(packed));
        return _packed.AsSpan(0, length);
    }

    private int Add(ReadOnlySpan<byte> packed, uint hash)
    {
        if (Count == _at.Length)
        {
            Array.Resize(ref _at, Count + (Count / 2));
            Array.Resize(ref _hashes, _at.Length);
        }

        if (_blockUsed + packed.Length + 3 > BlockSize)
        {
            if (_blocks.Count == 1 << (32 - BlockBits))
            {
                throw new InputException("The ids of one column are larger than 4 GB.");
            }

            _blocks.Add(GC.AllocateUninitializedArray<byte>(BlockSize));
            _blockUsed = 0;
        }

        var block = _blocks[^1].AsSpan(_blockUsed);
        (block[0], block[1], block[2]) = ((byte)(packed.Length >> 16), (byte)(packed.Length >> 8), (byte)packed.Length);
        packed.CopyTo(block[3..]);
        _at[Count] = ((uint)(_blocks.Count - 1) << BlockBits) | (uint)_blockUsed;
        _hashes[Count] = hash;
        _blockUsed += packed.Length + 3;
        return Count++;
    }

    private void Grow()
    {
        _table = new int[_table.Length * 2];
        var mask = _table.Length - 1;
        for (var number = 0; number < Count; number++)
        {
            var slot = (int)_hashes[number] & mask;
            while (_table[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            _table[slot] = number + 1;
        }

        if (_table.Length >= 1 << 21)
        {
            GiveBack();
        }
    }

    /// <summary>Returns memory that is no longer used: arrays that were outgrown would otherwise stay until the next full collection, which may be after the peak.</summary>
    internal static void GiveBack() => GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
