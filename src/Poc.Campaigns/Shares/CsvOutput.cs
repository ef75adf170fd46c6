using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Poc.Campaigns.Shares;

/// <summary>Writes CSV as the peer's shipped files have it: LF, quotes only where needed, numbers with at most 15 significant digits, nothing for a missing value.</summary>
internal sealed class CsvOutput : IDisposable
{
    private static readonly SearchValues<byte> NeedQuotes = SearchValues.Create(",\"\r\n"u8);

    private readonly FileStream _file;
    private byte[] _buffer = new byte[1 << 16];
    private byte[] _id = new byte[256];
    private int _used;
    private bool _begun;

    public CsvOutput(string path, params ReadOnlySpan<string> header)
    {
        _file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        foreach (var name in header)
        {
            Text(Encoding.UTF8.GetBytes(name));
        }

        EndRow();
    }

    public void Id(IdPool pool, int number)
    {
        var length = pool.Length(number);
        if (_id.Length < length)
        {
            _id = new byte[length];
        }

        pool.CopyTo(number, _id);
        Text(_id.AsSpan(0, length));
    }

    public void Text(string text) => Text(Encoding.UTF8.GetBytes(text));

    public void Text(ReadOnlySpan<byte> text)
    {
        Separate((text.Length * 2) + 3);
        // An empty text is told from a missing one by its quotes.
        if (text.Length > 0 && text.IndexOfAny(NeedQuotes) < 0)
        {
            text.CopyTo(_buffer.AsSpan(_used));
            _used += text.Length;
            return;
        }

        _buffer[_used++] = (byte)'"';
        foreach (var b in text)
        {
            if (b == '"')
            {
                _buffer[_used++] = (byte)'"';
            }

            _buffer[_used++] = b;
        }

        _buffer[_used++] = (byte)'"';
    }

    public void Number(long number)
    {
        Separate(24);
        Utf8Formatter.TryFormat(number, _buffer.AsSpan(_used), out var written);
        _used += written;
    }

    public void Number(double? number)
    {
        Separate(40);
        if (number is { } value && double.IsFinite(value))
        {
            _used += Encoding.ASCII.GetBytes(Format(value), _buffer.AsSpan(_used));
        }
    }

    public void EndRow()
    {
        Reserve(1);
        _buffer[_used++] = (byte)'\n';
        _begun = false;
    }

    public void Dispose()
    {
        _file.Write(_buffer, 0, _used);
        _file.Dispose();
    }

    /// <summary>
    /// Up to 15 significant digits, with an exponent where that is shorter: 1e+05 but 120000. Digits are found as the peer's writer (fwrite of data.table) finds them: the mantissa is
    /// multiplied by a rounded power, 16 digits are cut off, and the last one decides the rounding. That is not always the nearest decimal, but it is what its files hold.
    /// </summary>
    internal static string Format(double value)
    {
        if (value == 0)
        {
            return "0";
        }

        var binary = Math.ILogB(value);
        var exponent = (int)Math.Floor(binary * Math.Log10(2));
        var power = exponent >= 0 ? Math.ScaleB(1, binary) / Math.Pow(10, exponent) : Math.ScaleB(1, binary) * Math.Pow(10, -exponent);
        var mantissa = Math.ScaleB(Math.Abs(value), -binary) * power;
        if (mantissa >= 9.99999999999999)
        {
            mantissa /= 10;
            exponent++;
        }

        var number = (ulong)(mantissa * 1e15);
        number = (number + (number % 10 >= 5 ? 10UL : 0)) / 10;
        var digits = number.ToString(CultureInfo.InvariantCulture).TrimEnd('0');
        var plain = exponent < 0 ? digits.Length - exponent + 1 : digits.Length <= exponent + 1 ? exponent + 1 : digits.Length + 1;
        var scientific = digits.Length + (digits.Length > 1 ? 1 : 0) + 2 + (Math.Abs(exponent) > 99 ? 3 : 2);
        var magnitude = plain <= scientific
            ? exponent < 0 ? "0." + new string('0', -exponent - 1) + digits
                : digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0') : $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}"
            : $"{digits[..1]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        return value < 0 ? "-" + magnitude : magnitude;
    }

    private void Separate(int length)
    {
        Reserve(length + 1);
        if (_begun)
        {
            _buffer[_used++] = (byte)',';
        }

        _begun = true;
    }

    private void Reserve(int length)
    {
        if (_buffer.Length - _used >= length)
        {
            return;
        }

        _file.Write(_buffer, 0, _used);
        _used = 0;
        if (_buffer.Length < length)
        {
            _buffer = new byte[length];
        }
    }
}
