using System.Globalization;
using System.Text;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Precedents;

/// <summary>What a case and a precedent are compared by; what is empty is not compared. Nothing of who asked, or how many, is among it.</summary>
/// <param name="Criteria">Criteria that were addressed.</param>
/// <param name="Levels">Levels that panels found statements to have.</param>
/// <param name="Retractions">What panels found about retractions.</param>
/// <param name="Text">Reasons, or a summary.</param>
public sealed record PrecedentFeatures(IReadOnlyCollection<string> Criteria, IReadOnlyCollection<string> Levels, IReadOnlyCollection<string> Retractions, string Text);

/// <summary>How near a precedent is, and by what.</summary>
/// <param name="Percent">From 0 to 100.</param>
/// <param name="Shared">What both have, as <c>criterion …</c>, <c>level …</c>, <c>retraction …</c>, <c>words N%</c>.</param>
public sealed record Nearness(int Percent, IReadOnlyList<string> Shared);

/// <summary>
/// How near two cases are: shares of what they have in common, weighed. It orders what people read, and says what a draft must answer; whether cases are alike is for people to say. The same
/// input gives the same number, everywhere.
/// </summary>
public static class PrecedentNearness
{
    // Chosen, not measured: what was asked counts most, then what was written about it, then what was found.
    private const int CriteriaWeight = 40;
    private const int TextWeight = 30;
    private const int FindingWeight = 15;

    // Of a word: inflected forms of many languages meet in so many letters. Shorter ones than the least say little.
    private const int Stem = 6;
    private const int ShortestWord = 4;

    /// <summary>Compares a case with a precedent. 0 where they have no feature in common to compare.</summary>
    public static Nearness Of(PrecedentFeatures @case, PrecedentFeatures precedent)
    {
        var (sum, weights, shared) = (0.0, 0, new List<string>());
        Compare("criterion", CriteriaWeight, @case.Criteria, precedent.Criteria);
        Compare("level", FindingWeight, @case.Levels, precedent.Levels);
        Compare("retraction", FindingWeight, @case.Retractions, precedent.Retractions);
        var (mine, theirs) = (Words(@case.Text), Words(precedent.Text));
        if (mine.Count > 0 && theirs.Count > 0)
        {
            // A summary of two lines is near to long reasons that hold all its words.
            var share = (double)mine.Count(theirs.Contains) / Math.Min(mine.Count, theirs.Count);
            (sum, weights) = (sum + TextWeight * share, weights + TextWeight);
            if (share > 0)
            {
                shared.Add(string.Create(CultureInfo.InvariantCulture, $"words {share:P0}").Replace(" %", "%", StringComparison.Ordinal));
            }
        }

        return new Nearness(weights == 0 ? 0 : (int)Math.Round(100 * sum / weights, MidpointRounding.AwayFromZero), shared);

        void Compare(string kind, int weight, IReadOnlyCollection<string> ours, IReadOnlyCollection<string> others)
        {
            if (ours.Count == 0 || others.Count == 0)
            {
                return;
            }

            var common = ours.Intersect(others, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            (sum, weights) = (sum + weight * (double)common.Count / ours.Union(others, StringComparer.Ordinal).Count(), weights + weight);
            shared.AddRange(common.Select(each => $"{kind} {each}"));
        }
    }

    /// <summary>Whether two outcomes give different answers to whether the label is carried. A dismissed appeal leaves the answer of what was appealed, and is not compared.</summary>
    public static bool AreOpposed(Outcome one, Outcome other) => Carries(one) is { } here && Carries(other) is { } there && here != there;

    private static bool? Carries(Outcome outcome) => outcome switch
    {
        Outcome.Designated or Outcome.Maintained or Outcome.Redesignated => true,
        Outcome.Declined or Outcome.LabelWithdrawn => false,
        _ => null,
    };

    private static HashSet<string> Words(string text)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        var word = new StringBuilder();
        foreach (var rune in text.Normalize(NormalizationForm.FormKC).EnumerateRunes().Append(new Rune(' ')))
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
                continue;
            }

            if (word.Length >= ShortestWord)
            {
                words.Add(word.ToString(0, Math.Min(Stem, word.Length)));
            }

            word.Clear();
        }

        return words;
    }
}
