using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Poc.Campaigns.Input;

namespace Poc.Campaigns.Shares;

/// <summary>
/// Gives equal ids equal numbers, in the order in which they first appear. Millions of ids are held in a few large blocks instead of as strings, packed: runs of hexadecimal
/// digits, which most ids consist of, take half a byte a digit.
/// </summary>
internal sealed class IdPool
{
    private const int BlockBits = 20;
    private const int BlockSize = 1 << BlockBits;
    private const int PlaceBits = 16;
    private const int PlaceMask = (1 << PlaceBits) - 1;

    // Of so many ids in a row only the first one's place is kept; the others are found by passing over those before.
    private const int StrideBits = 2;

    // A packed id is a row of segments, each after a byte that says what it is: pairs of digits or bytes as they are, how many, and whether it is the last. So it ends by itself. A byte 0 leads to the beginning of the next block.
    private const byte Digits = 0x80, Last = 0x40, MostInSegment = 0x3F;
    private const int WorthPacking = 8;

    /// <summary>Longest id in bytes.</summary>
    public const int LongestId = BlockSize / 4;

    private static readonly SearchValues<byte> Hex = SearchValues.Create("0123456789abcdef"u8);

    // Whoever prepares a file cannot prepare ids that all collide.
    private readonly long _seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
    private readonly List<byte[]> _blocks = [];
    private readonly List<uint[]> _places = [];
    private int _blockUsed = BlockSize;

    // Each slot holds the number of an id, counted from 1, in as many low bits as the table has of slots, and above them the bits of the hash that its place does not tell.
    private uint[] _table = new uint[2048];

    /// <summary>How many different ids there are.</summary>
    public int Count { get; private set; }

    /// <summary>Room that packing an id needs at most.</summary>
    public static int PackedLength(int length) => length + (length / MostInSegment) + 2;

    /// <summary>Packs an id; equal ids, and only these, are equal packed. Returns the packed length.</summary>
    public static int Pack(ReadOnlySpan<byte> id, Span<byte> packed)
    {
        var used = 0;
        while (true)
        {
            var header = used++;
            var digits = RunOfDigits(id);
            int taken;
            if (digits >= WorthPacking || (digits > 0 && digits == id.Length))
            {
                taken = digits;
                packed[header] = (byte)(Digits | (digits / 2));
                if (Convert.FromHexString(id[..digits], packed[used..], out _, out var bytes) != OperationStatus.Done)
                {
                    throw new UnreachableException("Hexadecimal digits that are none.");
                }

                used += bytes;
            }
            else
            {
                taken = Literal(id);
                packed[header] = (byte)taken;
                id[..taken].CopyTo(packed[used..]);
                used += taken;
            }

            id = id[taken..];
            if (id.IsEmpty)
            {
                packed[header] |= Last;
                return used;
            }
        }
    }

    /// <summary>Hash of a packed id; may be taken on any thread.</summary>
    public uint Hash(ReadOnlySpan<byte> packed) => (uint)XxHash3.HashToUInt64(packed, _seed);

    /// <summary>The number of an id.</summary>
    /// <param name="packed">The id, packed; at most <see cref="LongestId"/> before that.</param>
    /// <param name="hash">Its <see cref="Hash"/>.</param>
    /// <exception cref="InputException">The ids together are larger than 4 GB.</exception>
    public int Intern(ReadOnlySpan<byte> packed, uint hash)
    {
        var mask = (uint)_table.Length - 1;
        var slot = hash & mask;
        for (var entry = _table[slot]; entry != 0; entry = _table[slot])
        {
            if (((entry ^ hash) & ~mask) == 0 && IsAt((int)(entry & mask) - 1, packed))
            {
                return (int)(entry & mask) - 1;
            }

            slot = (slot + 1) & mask;
        }

        Add(packed);
        _table[slot] = (hash & ~mask) | (uint)Count;
        if (Count > _table.Length / 8 * 7)
        {
            Grow();
        }

        return Count - 1;
    }

    /// <summary>The number of an id as it is.</summary>
    /// <exception cref="InputException">The ids together are larger than 4 GB.</exception>
    public int Intern(ReadOnlySpan<byte> id)
    {
        Span<byte> packed = new byte[PackedLength(id.Length)];
        packed = packed[..Pack(id, packed)];
        return Intern(packed, Hash(packed));
    }

    /// <summary>Ends the interning and gives back what only it needs.</summary>
    public void Seal() => _table = [];

    /// <summary>Length of an id in bytes of UTF-8.</summary>
    public int Length(int number)
    {
        var length = 0;
        for (var rest = Entry(number); ;)
        {
            var (header, count) = (rest[0], rest[0] & MostInSegment);
            length += (header & Digits) == 0 ? count : count * 2;
            if ((header & Last) != 0)
            {
                return length;
            }

            rest = rest[(1 + count)..];
        }
    }

    /// <summary>Writes an id as UTF-8 and returns its length.</summary>
    public int CopyTo(int number, Span<byte> destination)
    {
        var length = 0;
        for (var rest = Entry(number); ;)
        {
            var (header, count) = (rest[0], rest[0] & MostInSegment);
            var segment = rest.Slice(1, count);
            if ((header & Digits) == 0)
            {
                segment.CopyTo(destination[length..]);
                length += count;
            }
            else
            {
                Convert.TryToHexStringLower(segment, destination[length..], out var written);
                length += written;
            }

            if ((header & Last) != 0)
            {
                return length;
            }

            rest = rest[(1 + count)..];
        }
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

    /// <summary>Puts ids into the order of their bytes (collation "C").</summary>
    /// <param name="numbers">Different ids.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Sort(Span<int> numbers)
    {
        // The beginnings of the ids with the places of the ids below them, in one number: most ids are in order after these are, and numbers alone are sorted fastest.
        var bits = 32 - int.LeadingZeroCount(numbers.Length);
        var keys = new ulong[numbers.Length];
        var id = new byte[256];
        for (var i = 0; i < keys.Length; i++)
        {
            if (Length(numbers[i]) is var length && length > id.Length)
            {
                id = new byte[length];
            }

            CopyTo(numbers[i], id);
            id.AsSpan(length, Math.Max(0, 8 - length)).Clear();
            keys[i] = (BinaryPrimitives.ReadUInt64BigEndian(id) >> bits << bits) | (uint)i;
        }

        Array.Sort(keys);
        var unsorted = numbers.ToArray();
        for (var i = 0; i < keys.Length; i++)
        {
            numbers[i] = unsorted[keys[i] & ((1UL << bits) - 1)];
        }

        for (int from = 0, to; from < keys.Length; from = to)
        {
            for (to = from + 1; to < keys.Length && keys[to] >> bits == keys[from] >> bits; to++)
            {
            }

            if (to - from > 1)
            {
                numbers[from..to].Sort((one, other) => Get(one).AsSpan().SequenceCompareTo(Get(other)));
            }
        }
    }

    /// <summary>Ranks of the given ids in the order of their bytes (collation "C").</summary>
    /// <param name="numbers">Different ids; afterwards in that order.</param>
    /// <returns>By id; ids that were not given have rank 0.</returns>
    public int[] Ranks(Span<int> numbers)
    {
        Sort(numbers);
        var ranks = new int[Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            ranks[numbers[i]] = i;
        }

        return ranks;
    }

    /// <summary>Returns memory that is no longer used: arrays that were outgrown would otherwise stay until the next full collection, which may be after the peak.</summary>
    internal static void GiveBack() => GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    /// <summary>Digits at the beginning that can be packed: an even number, as many as a segment holds.</summary>
    private static int RunOfDigits(ReadOnlySpan<byte> id)
    {
        var digits = id.IndexOfAnyExcept(Hex);
        return Math.Min(digits < 0 ? id.Length : digits, MostInSegment * 2) & ~1;
    }

    /// <summary>Bytes up to the next run of digits that is worth packing.</summary>
    private static int Literal(ReadOnlySpan<byte> id)
    {
        var most = Math.Min(id.Length, MostInSegment);
        var length = 0;
        while (length < most)
        {
            var digits = RunOfDigits(id[length..]);
            if (length > 0 && digits >= WorthPacking)
            {
                break;
            }

            length += Math.Max(1, digits);
        }

        return Math.Min(length, most);
    }

    private ReadOnlySpan<byte> Entry(int number)
    {
        var stride = number >> StrideBits;
        var place = _places[stride >> PlaceBits][stride & PlaceMask];
        var (block, at) = ((int)(place >> BlockBits), (int)(place & (BlockSize - 1)));
        var bytes = _blocks[block];
        for (var before = number & ((1 << StrideBits) - 1); ; before--)
        {
            if (at == BlockSize || bytes[at] == 0)
            {
                (bytes, at) = (_blocks[++block], 0);
            }

            if (before == 0)
            {
                return bytes.AsSpan(at);
            }

            at += PackedLengthAt(bytes.AsSpan(at));
        }
    }

    private bool IsAt(int number, ReadOnlySpan<byte> packed) => Entry(number).StartsWith(packed);

    private void Add(ReadOnlySpan<byte> packed)
    {
        if (_blockUsed + packed.Length > BlockSize)
        {
            if (_blocks.Count == 1 << (32 - BlockBits))
            {
                throw new InputException("The ids of one column are larger than 4 GB.");
            }

            if (_blockUsed < BlockSize)
            {
                _blocks[^1][_blockUsed] = 0;
            }

            _blocks.Add(GC.AllocateUninitializedArray<byte>(BlockSize));
            _blockUsed = 0;
        }

        if ((Count & ((1 << StrideBits) - 1)) == 0)
        {
            var stride = Count >> StrideBits;
            if ((stride & PlaceMask) == 0)
            {
                _places.Add(new uint[1 << PlaceBits]);
            }

            _places[^1][stride & PlaceMask] = ((uint)(_blocks.Count - 1) << BlockBits) | (uint)_blockUsed;
        }

        packed.CopyTo(_blocks[^1].AsSpan(_blockUsed));
        _blockUsed += packed.Length;
        Count++;
    }

    /// <summary>Doubles the table. It is made anew from the ids, so that the old one can go before the new one comes.</summary>
    private void Grow()
    {
        var size = _table.Length * 2;
        _table = [];
        if (size >= 1 << 21)
        {
            GiveBack();
        }

        _table = new uint[size];
        var mask = (uint)size - 1;
        for (var number = 0; number < Count; number++)
        {
            var entry = Entry(number);
            var hash = Hash(entry[..PackedLengthAt(entry)]);
            var slot = hash & mask;
            while (_table[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            _table[slot] = (hash & ~mask) | (uint)(number + 1);
        }
    }

    private static int PackedLengthAt(ReadOnlySpan<byte> entry)
    {
        var length = 0;
        while (true)
        {
            var header = entry[length];
            length += 1 + (header & MostInSegment);
            if ((header & Last) != 0)
            {
                return length;
            }
        }
    }
}
