using System.Text;

namespace Poc.Intake.Admissibility;

/// <summary>A passage of a text by code points, and its words.</summary>
internal readonly record struct Passage(int Start, int End, string Text);

/// <summary>
/// What a text says that others do not, sentence by sentence; pure. Sentences that differ in letter case, punctuation and spaces alone are the same: that is how copies
/// are changed by mail programs. A sentence of which one word was changed is new: a person must read it.
/// </summary>
internal static class TextResidue
{
    // Ends of sentences of many scripts, and line breaks.
    private const string Ends = ".!?…;\n\r。！？؟۔।॥։";

    /// <summary>The passages of <paramref name="text"/> that none of the others has, neighbours joined.</summary>
    public static IReadOnlyList<Passage> Of(string text, IEnumerable<string> others)
    {
        var known = others.SelectMany(Sentences).Select(sentence => sentence.Folded).ToHashSet(StringComparer.Ordinal);
        var found = new List<Passage>();
        var (start, lastKept) = (0, -1);
        var sentences = Sentences(text).ToArray();
        for (var i = 0; i < sentences.Length; i++)
        {
            if (sentences[i].Folded.Length == 0 || known.Contains(sentences[i].Folded))
            {
                continue;
            }

            if (found.Count > 0 && lastKept == i - 1)
            {
                found.RemoveAt(found.Count - 1); // it goes on
            }
            else
            {
                start = sentences[i].Start;
            }

            found.Add(ToPassage(text, start, sentences[i].End));
            lastKept = i;
        }

        return found;
    }

    private static IEnumerable<(int Start, int End, string Folded)> Sentences(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (Ends.Contains(text[i], StringComparison.Ordinal))
            {
                yield return (start, i + 1, Fold(text.AsSpan(start, i + 1 - start)));
                start = i + 1;
            }
        }

        if (start < text.Length)
        {
            yield return (start, text.Length, Fold(text.AsSpan(start)));
        }
    }

    private static string Fold(ReadOnlySpan<char> sentence)
    {
        var folded = new StringBuilder(sentence.Length);
        foreach (var rune in sentence.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                folded.Append(Rune.ToLowerInvariant(rune));
            }
        }

        return folded.ToString().Normalize(NormalizationForm.FormKC);
    }

    private static Passage ToPassage(string text, int start, int end)
    {
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        var before = CodePoints(text.AsSpan(0, start));
        return new Passage(before, before + CodePoints(text.AsSpan(start, end - start)), text[start..end]);
    }

    private static int CodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
