using Poc.Kernel.Text;

namespace Poc.Campaigns.Requests;

/// <summary>What a member says beside the shared wording: the part a person must still read.</summary>
/// <param name="Id">The request.</param>
/// <param name="At">When it was received, Unix seconds.</param>
/// <param name="JoinedBy">What joined it to the campaign.</param>
/// <param name="Words">Words of its own.</param>
/// <param name="Text">Its own passages as they were sent, divided by " … "; at most 2,000 characters.</param>
public sealed record MemberResidue(string Id, long At, string JoinedBy, int Words, string Text);

/// <summary>One wording of a campaign.</summary>
/// <param name="Languages">Of its members.</param>
/// <param name="Requests">How many members.</param>
/// <param name="Passages">Passages that at least half of the compared members share, as one of them wrote them, longest first.</param>
/// <param name="Residues">Of each member that was given, in order of arrival.</param>
public sealed record WordingEvidence(IReadOnlyList<string> Languages, int Requests, IReadOnlyList<string> Passages, IReadOnlyList<MemberResidue> Residues);

/// <summary>Finds what letters share and what each says beside it.</summary>
public static class CampaignEvidence
{
    /// <summary>Letters that are compared to find what a wording's letters share.</summary>
    public const int Compared = 24;

    private const int Gram = 3;
    private const int ShortestPassage = 5;
    private const int MaximumPassages = 20;
    private const int MaximumResidue = 2_000;

    /// <summary>The evidence of one wording.</summary>
    /// <param name="members">In order of arrival, with the texts as they were sent.</param>
    public static WordingEvidence Of(IReadOnlyList<(CampaignMember Member, string Text)> members)
    {
        var letters = members.Select(static member => LetterText.Of(member.Text, [])).ToList();
        var step = Math.Max(1, letters.Count / Compared);
        var compared = Enumerable.Range(0, letters.Count).Where(i => i % step == 0).Take(Compared).ToList();
        var shared = Shared([.. compared.Select(i => letters[i])]);
        return new WordingEvidence(
            [.. members.Select(static member => member.Member.Language).Distinct().Order(StringComparer.Ordinal)],
            members.Count,
            Passages(compared, letters, members, shared),
            [.. members.Select((member, i) => Residue(member.Member, member.Text, letters[i], shared))]);
    }

    /// <summary>What each of these says of its own, beside what letters of the same wording share.</summary>
    /// <param name="sample">Texts that stand for the wording, <see cref="Compared"/> of them or all.</param>
    /// <param name="members">Those to be read.</param>
    public static IReadOnlyList<MemberResidue> Residues(IEnumerable<string> sample, IReadOnlyList<(CampaignMember Member, string Text)> members)
    {
        var shared = Shared([.. sample.Select(static text => LetterText.Of(text, []))]);
        return [.. members.Select(member => Residue(member.Member, member.Text, LetterText.Of(member.Text, []), shared))];
    }

    /// <summary>How many consecutive words the two texts share at most.</summary>
    public static int LongestCommonPassage(string one, string other)
    {
        var (a, b) = (LetterText.Of(one, []).Words, LetterText.Of(other, []).Words);
        var (before, longest) = (new int[b.Count + 1], 0);
        foreach (var word in a)
        {
            var now = new int[b.Count + 1];
            for (var j = 0; j < b.Count; j++)
            {
                now[j + 1] = b[j].Text == word.Text ? before[j] + 1 : 0;
                longest = Math.Max(longest, now[j + 1]);
            }

            before = now;
        }

        return longest;
    }

    private static HashSet<ulong> Shared(List<LetterText> compared)
    {
        var holders = new Dictionary<ulong, int>();
        foreach (var gram in compared.SelectMany(static letter => Grams(letter.Words).Distinct()))
        {
            holders[gram] = holders.GetValueOrDefault(gram) + 1;
        }

        var least = Math.Max(2, (compared.Count + 1) / 2);
        return [.. holders.Where(pair => pair.Value >= least).Select(static pair => pair.Key)];
    }

    // From the letter that holds most of what is shared: its runs are whole where others dropped a sentence.
    private static List<string> Passages(List<int> compared, List<LetterText> letters, IReadOnlyList<(CampaignMember Member, string Text)> members, HashSet<ulong> shared)
    {
        if (shared.Count == 0)
        {
            return [];
        }

        var fullest = compared.MaxBy(i => Grams(letters[i].Words).Distinct().Count(shared.Contains));
        return [.. Runs(Covered(letters[fullest].Words, shared), wanted: true).Where(static run => run.Length >= ShortestPassage)
            .OrderByDescending(static run => run.Length).Take(MaximumPassages).Select(run => Excerpt(members[fullest].Text, letters[fullest].Words, run))];
    }

    private static MemberResidue Residue(CampaignMember member, string text, LetterText letter, HashSet<ulong> shared)
    {
        var own = Runs(Covered(letter.Words, shared), wanted: false);
        var passages = string.Join(" … ", own.Select(run => Excerpt(text, letter.Words, run)));
        return new MemberResidue(member.Id, member.At, member.JoinedBy, own.Sum(static run => run.Length), passages.Length <= MaximumResidue ? passages : passages[..MaximumResidue] + "…");
    }

    private static string Excerpt(string text, List<Word> words, (int From, int Length) run)
    {
        var (first, last) = (words[run.From], words[run.From + run.Length - 1]);
        return text[first.Start..(last.Start + last.Length)];
    }

    private static bool[] Covered(List<Word> words, HashSet<ulong> shared)
    {
        var covered = new bool[words.Count];
        var at = 0;
        foreach (var gram in Grams(words))
        {
            if (shared.Contains(gram))
            {
                covered.AsSpan(at, Gram).Fill(true);
            }

            at++;
        }

        return covered;
    }

    private static List<(int From, int Length)> Runs(bool[] covered, bool wanted)
    {
        var runs = new List<(int, int)>();
        var from = -1;
        for (var i = 0; i <= covered.Length; i++)
        {
            if (i < covered.Length && covered[i] == wanted)
            {
                from = from < 0 ? i : from;
            }
            else if (from >= 0)
            {
                runs.Add((from, i - from));
                from = -1;
            }
        }

        return runs;
    }

    private static IEnumerable<ulong> Grams(List<Word> words)
    {
        for (var i = 0; i + Gram <= words.Count; i++)
        {
            yield return MinHash.Mix((MinHash.HashOf(words[i].Text) * 31) ^ (MinHash.HashOf(words[i + 1].Text) * 17) ^ MinHash.HashOf(words[i + 2].Text));
        }
    }
}
