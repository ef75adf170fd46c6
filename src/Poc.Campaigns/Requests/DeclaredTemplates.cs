namespace Poc.Campaigns.Requests;

/// <summary>A form letter that a partner declared beforehand. Letters made from it are labelled and are no campaign.</summary>
/// <param name="Id">What letters made from it are labelled with.</param>
/// <param name="Text">Its wording; fields to fill in may be written <c>{name}</c>, <c>[city]</c>, <c>&lt;date&gt;</c>, <c>%s</c> or left blank.</param>
public sealed record DeclaredTemplate(string Id, string Text);

/// <summary>The declared templates, indexed by their 2-grams, so that a letter is compared with those it shares wording with and no others.</summary>
public sealed class DeclaredTemplates
{
    /// <summary>The share of a template's 2-grams that a letter made from it holds.</summary>
    public const double Containment = 0.6;

    private const int MinimumShared = 8;
    private readonly List<(string Id, int Plain, int Masked)> templates = [];
    private readonly Dictionary<uint, List<int>> byPlain = [];
    private readonly Dictionary<uint, List<int>> byMasked = [];

    /// <summary>Templates with fewer than five 2-grams are too short to be recognised, and never match.</summary>
    public DeclaredTemplates(IEnumerable<DeclaredTemplate> declared)
    {
        foreach (var template in declared)
        {
            var letter = LetterText.Of(Fields.Replace(template.Text, "\n"), []);
            var (plain, masked) = (Fingerprinter.Shingles(letter, masked: false), Fingerprinter.Shingles(letter, masked: true));
            if (plain.Count >= 5)
            {
                Index(byPlain, plain);
                Index(byMasked, masked);
                templates.Add((template.Id, plain.Count, Math.Max(masked.Count, 5)));
            }
        }
    }

    /// <summary>No templates.</summary>
    public static DeclaredTemplates None { get; } = new([]);

    private static System.Text.RegularExpressions.Regex Fields { get; } =
        new(@"\{[^{}\n]{0,60}\}|\[[^\[\]\n]{0,60}\]|<[^<>\n]{0,60}>|%[a-z]|_{3,}|\.{4,}", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(2));

    /// <summary>
    /// The template that the letter was made from, or null. It holds at least <see cref="Containment"/> of the template's 2-grams as they stand or with names and numbers masked; or
    /// the letter is a shortened one, and at least that share of its own masked 2-grams comes from the template.
    /// </summary>
    internal string? Find(LetterText letter, HashSet<uint> masked)
    {
        if (templates.Count == 0)
        {
            return null;
        }

        var plain = Fingerprinter.Shingles(letter, masked: false);
        var best = (Index: -1, Share: 0.0);
        Consider(Count(byPlain, plain), (index, shared) => shared / (double)templates[index].Plain, ref best);
        Consider(Count(byMasked, masked), (index, shared) => Math.Max(shared / (double)templates[index].Masked, shared >= MinimumShared ? shared / (double)masked.Count : 0), ref best);
        return best.Share >= Containment ? templates[best.Index].Id : null;
    }

    private static void Consider(Dictionary<int, int> counts, Func<int, int, double> share, ref (int Index, double Share) best)
    {
        foreach (var (index, shared) in counts)
        {
            var value = share(index, shared);
            if (value > best.Share || value == best.Share && index < best.Index)
            {
                best = (index, value);
            }
        }
    }

    private static Dictionary<int, int> Count(Dictionary<uint, List<int>> index, HashSet<uint> shingles)
    {
        var counts = new Dictionary<int, int>();
        foreach (var shingle in shingles)
        {
            if (index.TryGetValue(shingle, out var holders))
            {
                foreach (var holder in holders)
                {
                    counts[holder] = counts.GetValueOrDefault(holder) + 1;
                }
            }
        }

        return counts;
    }

    private void Index(Dictionary<uint, List<int>> index, HashSet<uint> shingles)
    {
        foreach (var shingle in shingles)
        {
            if (!index.TryGetValue(shingle, out var holders))
            {
                index[shingle] = holders = [];
            }

            holders.Add(templates.Count);
        }
    }
}
