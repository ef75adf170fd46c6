using Poc.Kernel.Text;

namespace Poc.Campaigns.Requests;

/// <summary>How two letters share their words: in one block, as a quotation is shared, or all over, as a form letter is.</summary>
/// <param name="Coverage">The part of the shorter letter's words in runs of three or more shared words, 0 to 1.</param>
/// <param name="LongestShare">The part of these in the longest run, 0 to 1.</param>
/// <param name="OutsideCosine">How alike the letters are outside the longest run.</param>
internal readonly record struct SharedRuns(double Coverage, double LongestShare, double OutsideCosine)
{
    internal static SharedRuns Of(Fingerprint one, Fingerprint other, Baseline baseline)
    {
        var (a, b) = one.Words.Length <= other.Words.Length ? (one.Words, other.Words) : (other.Words, one.Words);
        var grams = new Dictionary<ulong, int>();
        for (var i = 0; i + 3 <= b.Length; i++)
        {
            grams.TryAdd(Gram(b, i), i);
        }

        var covered = new bool[a.Length];
        var (longest, longestAt, longestIn, run, runAt) = (0, 0, 0, 0, 0);
        for (var i = 0; i + 3 <= a.Length; i++)
        {
            if (grams.TryGetValue(Gram(a, i), out var at))
            {
                covered[i] = covered[i + 1] = covered[i + 2] = true;
                (run, runAt) = run == 0 ? (3, at) : (run + 1, runAt);
                if (run > longest)
                {
                    (longest, longestAt, longestIn) = (run, i + 3 - run, runAt);
                }
            }
            else
            {
                run = 0;
            }
        }

        var total = covered.Count(static hit => hit);
        if (total == 0)
        {
            return default;
        }

        var outside = Outside(one.Words.Length <= other.Words.Length ? one : other, longestAt, longest, baseline)
            .Cosine(Outside(one.Words.Length <= other.Words.Length ? other : one, longestIn, longest, baseline));
        return new SharedRuns(total / (double)a.Length, longest / (double)total, outside);
    }

    private static WeighedWords Outside(Fingerprint letter, int from, int length, Baseline baseline) => baseline.Weigh(new Fingerprint
    {
        Id = letter.Id,
        At = letter.At,
        Source = letter.Source,
        IsOrganisation = letter.IsOrganisation,
        Language = letter.Language,
        Words = [.. letter.Words.Take(from), .. letter.Words.Skip(from + length)],
        Sentences = [],
        Signature = [],
        Urls = [],
        Hosts = [],
        Anchors = [],
    });

    private static ulong Gram(uint[] words, int at) => MinHash.Mix(MinHash.Mix(words[at] + 0x9E37UL) ^ ((ulong)words[at + 1] << 32 | words[at + 2]));
}
