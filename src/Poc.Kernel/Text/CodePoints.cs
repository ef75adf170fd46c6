using System.Text;

namespace Poc.Kernel.Text;

/// <summary>
/// Positions in a text counted in Unicode code points, as W3C selectors count them; .NET counts UTF-16 units, in which one character of an emoji or of a
/// rare ideograph takes two. Nothing is normalised: "é" in one code point and in two are different texts.
/// </summary>
public static class CodePoints
{
    /// <summary>Whether the text is well-formed: no surrogate stands alone.</summary>
    public static bool AreWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Number of code points.</summary>
    /// <exception cref="FormatException">A surrogate stands alone.</exception>
    public static int Count(string text) => AreWellFormed(text) ? text.EnumerateRunes().Count() : throw Malformed();

    /// <summary>
    /// The part from code point <paramref name="start"/> to before <paramref name="end"/>; null when the text does not reach that far or the part is empty.
    /// </summary>
    /// <exception cref="FormatException">A surrogate stands alone.</exception>
    public static string? Slice(string text, int start, int end)
    {
        if (!AreWellFormed(text))
        {
            throw Malformed();
        }

        if (start < 0 || end <= start || end > text.Length)
        {
            return null;
        }

        var from = -1;
        var (position, unit) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            if (position == start)
            {
                from = unit;
            }

            position++;
            unit += rune.Utf16SequenceLength;
            if (position == end)
            {
                return text[from..unit];
            }
        }

        return null;
    }

    private static FormatException Malformed() => new("The text has an unpaired surrogate.");
}
