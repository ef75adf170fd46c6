using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Poc.Kernel.Json;

/// <summary>
/// The one way to write a JSON value (RFC 8785): members sorted by UTF-16 code units, no white space, numbers as ECMAScript prints them, the least escaping.
/// Two parties that agree on the value agree on the bytes, and so on the hash.
/// </summary>
public static class CanonicalJson
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };
    private static readonly SearchValues<char> _escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

    /// <summary>The canonical bytes of a value.</summary>
    /// <exception cref="FormatException">It has a number beyond a double or a string with an unpaired surrogate.</exception>
    public static byte[] Write(JsonNode? value) => Rewrite(Encoding.UTF8.GetBytes(value?.ToJsonString() ?? "null"));

    /// <summary>The canonical form of a JSON text.</summary>
    /// <exception cref="FormatException">It is not JSON, has a member twice, a number beyond a double or a string with an unpaired surrogate.</exception>
    public static byte[] Rewrite(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, _strict);
            var text = new StringBuilder();
            Append(document.RootElement, text);
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(text.ToString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or EncoderFallbackException)
        {
            // The reader reports an escaped lone surrogate as an invalid operation.
            throw new FormatException("Not a JSON value that has a canonical form.", e);
        }
    }

    /// <summary>Whether a JSON text is written in its canonical form already.</summary>
    public static bool IsCanonical(ReadOnlyMemory<byte> json)
    {
        try
        {
            return Rewrite(json).AsSpan().SequenceEqual(json.Span);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static void Append(JsonElement value, StringBuilder text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                AppendAll('{', value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal), '}', text, member =>
                {
                    Append(member.Name, text);
                    text.Append(':');
                    Append(member.Value, text);
                });
                break;
            case JsonValueKind.Array:
                AppendAll('[', value.EnumerateArray(), ']', text, item => Append(item, text));
                break;
            case JsonValueKind.String:
                Append(value.GetString()!, text);
                break;
            case JsonValueKind.Number:
                text.Append(Number(value.GetDouble()));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static void AppendAll<T>(char open, IEnumerable<T> items, char close, StringBuilder text, Action<T> append)
    {
        text.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            if (!isFirst)
            {
                text.Append(',');
            }

            isFirst = false;
            append(item);
        }

        text.Append(close);
    }

    private static void Append(string value, StringBuilder text)
    {
        text.Append('"');
        var rest = value.AsSpan();
        for (var next = rest.IndexOfAny(_escaped); next >= 0; next = rest.IndexOfAny(_escaped))
        {
            text.Append(rest[..next]).Append(rest[next] switch
            {
                '"' => "\\\"",
                '\\' => @"\\",
                '\b' => @"\b",
                '\t' => @"\t",
                '\n' => @"\n",
                '\f' => @"\f",
                '\r' => @"\r",
                var control => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)control:x4}"),
            });
            rest = rest[(next + 1)..];
        }

        text.Append(rest).Append('"');
    }

    // ECMAScript's Number::toString: the shortest digits that read back as the same double, without exponent from 1e-6 to below 1e21.
    internal static string Number(double value)
    {
        if (!double.IsFinite(value))
        {
            throw new FormatException("JSON has no numbers beyond a double.");
        }

        if (value == 0)
        {
            return "0";
        }

        // "R" gives those digits; only their arrangement differs. `point` is where the decimal point stands, counted from the first digit that is not zero.
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var parts = shortest[0].Split('.');
        var digits = string.Concat(parts).TrimStart('0');
        var leadingZeros = string.Concat(parts).Length - digits.Length;
        var exponent = shortest.Length == 1 ? 0 : int.Parse(shortest[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = parts[0].Length - leadingZeros + exponent;
        digits = digits.TrimEnd('0');
        var sign = value < 0 ? "-" : "";
        return sign + (point switch
        {
            > 21 or <= -6 => Exponential(digits, point - 1),
            <= 0 => "0." + new string('0', -point) + digits,
            _ when digits.Length <= point => digits.PadRight(point, '0'),
            _ => digits[..point] + "." + digits[point..],
        });
    }

    private static string Exponential(string digits, int exponent)
    {
        var fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return string.Create(CultureInfo.InvariantCulture, $"{digits[0]}{fraction}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}");
    }
}
