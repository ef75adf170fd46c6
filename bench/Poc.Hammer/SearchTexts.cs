using System.Globalization;
using System.Text;

namespace Poc.Hammer;

/// <summary>
/// Synthetic texts of seven scripts: words of made-up syllables whose frequencies fall as those of languages do (Zipf), so that a common word is in one text of four and most
/// words are in a handful. Text <c>n</c> is the same in every run.
/// </summary>
internal sealed class SearchTexts
{
    private const int Vocabulary = 60_000;
    private const int Eras = 10;

    private static readonly (string Language, string Letters, bool IsSpaced, int Shortest, int Longest)[] _scripts =
    [
        ("en", "abcdefghijklmnopqrstuvwxyz", true, 3, 11),
        ("uk", Range('а', 'я'), true, 3, 11),
        ("ar", Range('\u0628', '\u063A') + Range('\u0641', '\u064A'), true, 3, 8),
        ("hi", Range('\u0915', '\u0939'), true, 2, 7),
        ("zh", Range('\u4E00', '\u5DFF'), false, 2, 2),
        ("ko", Range('\uAC00', '\uB3FF'), true, 2, 4),
        ("th", Range('\u0E01', '\u0E2E'), false, 2, 6),
    ];

    private readonly int _count;
    private readonly string[][] _words;
    private readonly double[] _shares = new double[Vocabulary];

    public SearchTexts(int count)
    {
        _count = count;
        _words = [.. _scripts.Select((script, number) => Words(script, new Random(number)))];
        var sum = 0.0;
        for (var rank = 0; rank < Vocabulary; rank++)
        {
            _shares[rank] = sum += 1.0 / (rank + 10);
        }
    }

    /// <summary>Number of scripts.</summary>
    public static int Scripts => _scripts.Length;

    /// <summary>Of a script.</summary>
    public static string Language(int script) => _scripts[script].Language;

    /// <summary>Whether its words are written apart.</summary>
    public static bool IsSpaced(int script) => _scripts[script].IsSpaced;

    /// <summary>A word by its rank: 0 is the commonest.</summary>
    public string Word(int script, int rank) => _words[script][rank];

    /// <summary>A word that every fifth text of a tenth of all texts has, the oldest being tenth 0, and no other.</summary>
    public static string EraWord(int era) => string.Create(CultureInfo.InvariantCulture, $"era{(char)('a' + era)}word");

    /// <summary>Text <c>n</c>, of 12 to 60 words, and its script.</summary>
    public (int Script, string Text) Text(int n)
    {
        var random = new Random(n);
        var script = n % _scripts.Length;
        var text = new StringBuilder();
        for (var left = random.Next(12, 61); left > 0; left--)
        {
            var place = Array.BinarySearch(_shares, random.NextDouble() * _shares[^1]);
            text.Append(_words[script][place < 0 ? ~place : place]);
            if (_scripts[script].IsSpaced)
            {
                text.Append(random.Next(10) == 0 ? ", " : " ");
            }
            else if (random.Next(8) == 0)
            {
                text.Append('，');
            }
        }

        if (random.Next(5) == 0)
        {
            text.Append(' ').Append(EraWord((int)((long)n * Eras / _count)));
        }

        return (script, text.ToString());
    }

    private static string[] Words((string Language, string Letters, bool IsSpaced, int Shortest, int Longest) script, Random random)
    {
        var words = new HashSet<string>(Vocabulary, StringComparer.Ordinal);
        while (words.Count < Vocabulary)
        {
            words.Add(string.Concat(Enumerable.Range(0, random.Next(script.Shortest, script.Longest + 1)).Select(_ => script.Letters[(int)(script.Letters.Length * Math.Pow(random.NextDouble(), 2))])));
        }

        return [.. words];
    }

    private static string Range(char first, char last) => string.Concat(Enumerable.Range(first, last - first + 1).Select(static letter => (char)letter));
}
