using System.Buffers;
using System.Globalization;
using System.Text;

namespace Poc.Campaigns.Requests;

/// <summary>What a word of a letter is, for the masks: a field that a mail merge would fill, or wording.</summary>
internal enum WordKind
{
    /// <summary>Wording: it stays.</summary>
    Plain,

    /// <summary>A number, or a word with digits in it.</summary>
    Number,

    /// <summary>Capitalised inside a sentence: a name or a place.</summary>
    Name,
}

/// <summary>One word: its normal form, what it is, where it stands in the letter as it was sent.</summary>
internal readonly record struct Word(string Text, WordKind Kind, int Start, int Length);

/// <summary>
/// A letter in normal form. NFKC, invisible characters removed, lower case, accents off Latin letters, lookalike letters resolved, links taken out and canonicalised. Letters of
/// scripts that put no spaces between words count as one word each.
/// </summary>
internal sealed class LetterText
{
    /// <summary>Words beyond this are not read: what one letter can cost is bounded.</summary>
    internal const int MaximumWords = 4_000;

    private LetterText(List<Word> words, List<string> urls, List<int> sentences)
    {
        Words = words;
        Urls = urls;
        SentenceLengths = sentences;
    }

    /// <summary>In their order; at most <see cref="MaximumWords"/>.</summary>
    internal List<Word> Words { get; }

    /// <summary>Canonical, distinct, in order of appearance.</summary>
    internal List<string> Urls { get; }

    /// <summary>Words in each sentence.</summary>
    internal List<int> SentenceLengths { get; }

    /// <summary>Whether words of this script are written without spaces, so that each character stands for itself.</summary>
    internal static bool IsUnspaced(char letter) => letter is >= '\u3040' and <= '\u30ff' or >= '\u3400' and <= '\u4dbf' or >= '\u4e00' and <= '\u9fff'
        or >= '\u0e00' and <= '\u0eff' or >= '\u1000' and <= '\u109f' or >= '\u1780' and <= '\u17ff';

    internal static LetterText Of(string text, IReadOnlyList<string> links)
    {
        var urls = new List<string>();
        foreach (var link in links)
        {
            AddUrl(urls, link);
        }

        var reader = new Reader(text, urls);
        reader.Read();
        return new LetterText(reader.Words, urls, reader.Sentences);
    }

    private static void AddUrl(List<string> urls, string link)
    {
        if (urls.Count < 32 && CanonicalUrl.Of(link) is { } url && !urls.Contains(url))
        {
            urls.Add(url);
        }
    }

    private sealed class Reader(string text, List<string> urls)
    {
        private readonly bool cyrillic = MostlyCyrillic(text);
        private readonly StringBuilder word = new();
        private int inSentence;
        private bool capitalised;
        private int start;

        internal List<Word> Words { get; } = [];

        internal List<int> Sentences { get; } = [];

        internal void Read()
        {
            var i = 0;
            while (i < text.Length && Words.Count < MaximumWords)
            {
                var letter = text[i];
                if (word.Length == 0 && StartsUrl(i))
                {
                    var end = i;
                    while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not ('<' or '>' or '"'))
                    {
                        end++;
                    }

                    AddUrl(urls, text[i..end]);
                    i = end;
                    continue;
                }

                i += Take(letter, i);
            }

            EndWord(text.Length);
            EndSentence();
        }

        private int Take(char letter, int at)
        {
            if (IsUnspaced(letter))
            {
                EndWord(at);
                Words.Add(new(letter.ToString(), WordKind.Plain, at, 1));
                inSentence++;
            }
            else if (char.IsLetterOrDigit(letter) || char.IsSurrogate(letter) && IsLetterPair(at))
            {
                if (word.Length == 0)
                {
                    start = at;
                    capitalised = char.IsUpper(letter);
                }

                word.Append(letter);
            }
            else if (word.Length > 0 && (letter is '\'' or '’' or '-' or '\u00ad' || Ignorable(letter)))
            {
                // Inside a word these divide nothing: "can't", a soft hyphen, a zero-width joiner put there to break a comparison.
                if (letter is '-')
                {
                    EndWord(at);
                }
                else if (char.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark)
                {
                    word.Append(letter);
                }
            }
            else if (!Ignorable(letter))
            {
                EndWord(at);
                if (letter is '.' or '!' or '?' or '…' or '\n' or '。' or '！' or '？' or '।' or '؟')
                {
                    EndSentence();
                }
            }

            return 1;
        }

        private bool IsLetterPair(int at) => CharUnicodeInfo.GetUnicodeCategory(text, char.IsLowSurrogate(text[at]) && at > 0 ? at - 1 : at) is not
            (UnicodeCategory.Surrogate or UnicodeCategory.OtherSymbol or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned);

        private static bool Ignorable(char letter) =>
            char.GetUnicodeCategory(letter) is UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark || letter is '\u00ad' or '\u3164' or '\u115f' or '\u1160';

        private bool StartsUrl(int at)
        {
            if ((text[at] | 0x20) is not ('h' or 'w'))
            {
                return false;
            }

            var rest = text.AsSpan(at);
            return rest.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
                || rest.StartsWith("www.", StringComparison.OrdinalIgnoreCase);
        }

        private void EndWord(int end)
        {
            if (word.Length == 0)
            {
                return;
            }

            var normal = Homoglyphs.Resolve(Fold(word.ToString()), cyrillic);
            word.Clear();
            if (normal.Length == 0)
            {
                return;
            }

            var kind = normal.AsSpan().ContainsAnyInRange('0', '9') ? WordKind.Number : capitalised && inSentence > 0 && normal.Length > 1 ? WordKind.Name : WordKind.Plain;
            Words.Add(new(normal, kind, start, end - start));
            inSentence++;
        }

        private void EndSentence()
        {
            if (inSentence > 0)
            {
                Sentences.Add(inSentence);
            }

            inSentence = 0;
        }

        private static bool MostlyCyrillic(string text)
        {
            var (cyrillic, latin) = (0, 0);
            foreach (var letter in text.AsSpan(0, Math.Min(text.Length, 4_096)))
            {
                var lower = char.ToLowerInvariant(letter);
                if (Homoglyphs.IsTelling(lower))
                {
                    cyrillic += Homoglyphs.IsCyrillic(lower) ? 1 : 0;
                    latin += Homoglyphs.IsLatin(lower) ? 1 : 0;
                }
            }

            return cyrillic > latin;
        }
    }

    private static readonly SearchValues<char> Normal = SearchValues.Create([.. Enumerable.Range(0, 0x80).Concat(Enumerable.Range(0x410, 0x40)).Select(static letter => (char)letter)]);

    /// <summary>NFKC, lower case, accents off Latin letters (й keeps its own, it is another letter than и; ё becomes е, as most people write it).</summary>
    private static string Fold(string word)
    {
        // ASCII and the letters of Russian without ё are in normal form already.
        if (!word.AsSpan().ContainsAnyExcept(Normal))
        {
            return word.ToLowerInvariant();
        }

        string folded;
        try
        {
            folded = word.Normalize(NormalizationForm.FormKC).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            // A lone surrogate has no normal form; the word stays as it came.
            return word.ToLowerInvariant();
        }

        if (!folded.Any(static letter => letter is >= '\u00c0' and <= '\u024f' or >= '\u1e00' and <= '\u1eff' or >= '\u0300' and <= '\u036f' or 'ё'))
        {
            return folded;
        }

        var bare = new StringBuilder(folded.Length);
        var latin = false;
        foreach (var letter in folded.Normalize(NormalizationForm.FormD))
        {
            if (char.GetUnicodeCategory(letter) is not UnicodeCategory.NonSpacingMark)
            {
                latin = Homoglyphs.IsLatin(letter);
                bare.Append(letter);
            }
            else if (!latin && letter is not '\u0301' and not '\u0308')
            {
                bare.Append(letter);
            }
        }

        return bare.ToString().Normalize(NormalizationForm.FormC);
    }
}
