using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Poc.Campaigns.Shares;

namespace Poc.Campaigns.Output;

/// <summary>Writes CSV as the peer's shipped files have it: LF, quotes only where needed, numbers with at most 15 significant digits, nothing for a missing value.</summary>
internal sealed class CsvOutput : IDisposable
{
    private const int LongestNumber = 40;
    private const int LowestPower = -30, HighestPower = 30;

    private static readonly SearchValues<byte> NeedQuotes = SearchValues.Create(",\"\r\n"u8);
    private static readonly double[] Powers = [.. Enumerable.Range(LowestPower, HighestPower - LowestPower + 1).Select(power => Math.Pow(10, power))];

    private readonly Utf8File _file;
    private byte[] _id = new byte[256];
    private bool _begun;

    public CsvOutput(string path, params ReadOnlySpan<string> header)
    {
        _file = new(path);
        foreach (var name in header)
        {
            Text(Encoding.UTF8.GetBytes(name));
        }

        EndRow();
    }

    public void Id(IdPool pool, int number)
    {
        Separate();
        var length = pool.Length(number);
        var place = _file.Reserve(length);
        if (length > 0 && place[..pool.CopyTo(number, place)].IndexOfAny(NeedQuotes) < 0)
        {
            _file.Advance(length);
        }
        else
        {
            Quoted(pool.Get(number));
        }
    }

    /// <summary>An id; nothing, not even quotes, where there is none.</summary>
    public void IdOrNothing(IdPool pool, int number)
    {
        if (number == ShareTable.Missing)
        {
            Separate();
        }
        else
        {
            Id(pool, number);
        }
    }

    /// <summary>Several ids in one field, with commas between them; a missing one by the peer's name for it.</summary>
    public void Ids(IdPool pool, ReadOnlySpan<int> numbers)
    {
        if (numbers.Length == 1 && numbers[0] != ShareTable.Missing)
        {
            Id(pool, numbers[0]);
            return;
        }

        var length = 0;
        foreach (var number in numbers)
        {
            var most = length + (number == ShareTable.Missing ? ShareTable.MissingName.Length : pool.Length(number)) + 1;
            if (_id.Length < most)
            {
                Array.Resize(ref _id, most * 2);
            }

            if (length > 0)
            {
                _id[length++] = (byte)',';
            }

            length += number == ShareTable.Missing ? Encoding.UTF8.GetBytes(ShareTable.MissingName, _id.AsSpan(length)) : pool.CopyTo(number, _id.AsSpan(length));
        }

        Text(_id.AsSpan(0, length));
    }

    public void Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    /// <summary>A text; nothing, not even quotes, where there is none.</summary>
    public void TextOrNothing(string? text)
    {
        if (text is null)
        {
            Separate();
        }
        else
        {
            Text(text);
        }
    }

    public void Text(ReadOnlySpan<byte> text)
    {
        Separate();
        // An empty text is told from a missing one by its quotes.
        if (text.Length > 0 && text.IndexOfAny(NeedQuotes) < 0)
        {
            _file.Write(text);
        }
        else
        {
            Quoted(text);
        }
    }

    public void Number(long number)
    {
        Separate();
        _file.Write(number);
    }

    public void Number(double? number)
    {
        Separate();
        if (number is { } value && double.IsFinite(value))
        {
            _file.Advance(Format(value, _file.Reserve(LongestNumber)));
        }
    }

    public void EndRow()
    {
        _file.Write((byte)'\n');
        _begun = false;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>
    /// Up to 15 significant digits, with an exponent where that is shorter: 1e+05 but 120000. Digits are found as the peer's writer (fwrite of data.table) finds them: the mantissa is
    /// multiplied by a rounded power, 16 digits are cut off, and the last one decides the rounding. That is not always the nearest decimal, but it is what its files hold.
    /// </summary>
    /// <returns>How many bytes it takes, at most 40.</returns>
    internal static int Format(double value, Span<byte> destination)
    {
        // Nearly all numbers; below 10^5 nothing is shorter than the digits themselves.
        if (value is >= 0 and < 100_000 && value == (int)value)
        {
            Utf8Formatter.TryFormat((int)value, destination, out var length);
            return length;
        }

        var binary = Math.ILogB(value);
        var exponent = (int)Math.Floor(binary * Math.Log10(2));
        var power = exponent >= 0 ? Math.ScaleB(1, binary) / Power(exponent) : Math.ScaleB(1, binary) * Power(-exponent);
        var mantissa = Math.ScaleB(Math.Abs(value), -binary) * power;
        if (mantissa >= 9.99999999999999)
        {
            mantissa /= 10;
            exponent++;
        }

        var number = (ulong)(mantissa * 1e15);
        number = (number + (number % 10 >= 5 ? 10UL : 0)) / 10;
        Span<byte> all = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, all, out var count);
        var digits = (ReadOnlySpan<byte>)all[..count].TrimEnd((byte)'0');
        var output = new Utf8Span(destination);
        if (value < 0)
        {
            output.Add((byte)'-');
        }

        var plain = exponent < 0 ? digits.Length - exponent + 1 : digits.Length <= exponent + 1 ? exponent + 1 : digits.Length + 1;
        var scientific = digits.Length + (digits.Length > 1 ? 1 : 0) + 2 + (Math.Abs(exponent) > 99 ? 3 : 2);
        if (plain > scientific)
        {
            output.Add(digits[..1]);
            output.Add(digits.Length > 1 ? "."u8 : ""u8);
            output.Add(digits[1..]);
            output.Add(exponent < 0 ? "e-"u8 : "e+"u8);
            output.Add(Math.Abs(exponent) < 10 ? "0"u8 : ""u8);
            output.Add(Math.Abs(exponent));
        }
        else if (exponent < 0)
        {
            output.Add("0."u8);
            output.Fill((byte)'0', -exponent - 1);
            output.Add(digits);
        }
        else
        {
            var whole = Math.Min(digits.Length, exponent + 1);
            output.Add(digits[..whole]);
            output.Fill((byte)'0', exponent + 1 - whole);
            output.Add(digits.Length > whole ? "."u8 : ""u8);
            output.Add(digits[whole..]);
        }

        return output.Length;
    }

    private static double Power(int exponent) => exponent is >= LowestPower and <= HighestPower ? Powers[exponent - LowestPower] : Math.Pow(10, exponent);

    private void Quoted(ReadOnlySpan<byte> text)
    {
        _file.Write((byte)'"');
        for (var rest = text; !rest.IsEmpty;)
        {
            var quote = rest.IndexOf((byte)'"') + 1;
            _file.Write(quote == 0 ? rest : rest[..quote]);
            if (quote > 0)
            {
                _file.Write((byte)'"');
            }

            rest = quote == 0 ? default : rest[quote..];
        }

        _file.Write((byte)'"');
    }

    private void Separate()
    {
        if (_begun)
        {
            _file.Write((byte)',');
        }

        _begun = true;
    }

    /// <summary>Adds to a span piece by piece.</summary>
    private ref struct Utf8Span(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;

        public int Length { get; private set; }

        public void Add(byte one) => _destination[Length++] = one;

        public void Add(scoped ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_destination[Length..]);
            Length += bytes.Length;
        }

        public void Add(int number)
        {
            Utf8Formatter.TryFormat(number, _destination[Length..], out var written);
            Length += written;
        }

        public void Fill(byte one, int count)
        {
            _destination.Slice(Length, count).Fill(one);
            Length += count;
        }
    }
}
