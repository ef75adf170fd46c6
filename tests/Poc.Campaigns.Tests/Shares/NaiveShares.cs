using System.Text;
using Poc.Campaigns.Shares;

namespace Poc.Campaigns.Tests.Shares;

/// <summary>One share as it stands in a file.</summary>
internal sealed record Share(string? Object, string Account, string Content, long Time);

/// <summary>One pair, the older share first.</summary>
internal sealed record NaivePair(Share Older, Share Newer, bool Fast);

/// <summary>One edge, as many times read back as it takes to be sure.</summary>
internal sealed record NaiveEdge(string From, string To, int Weight, double Delta, int Contents, int OtherContents, string Objects, bool Heavy);

/// <summary>
/// The semantics that docs/campaigns-analyze.md describes, written down as plainly as possible: every share is compared with every other, nothing is sorted, indexed or numbered.
/// </summary>
internal static class NaiveShares
{
    private static readonly Comparer<string> Bytes = Comparer<string>.Create((a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)));

    public static List<NaivePair> Pairs(IReadOnlyList<Share> shares, ShareOptions options)
    {
        var corrected = options.Mode == ShareMode.Corrected;
        var all = corrected ? [.. shares.Where(share => share.Object is not null).Distinct()] : shares;
        var taking = all.Where(share => Participation(all.Where(other => other.Account == share.Account), corrected) >= options.MinParticipation).ToList();
        // Accounts as they first appear, each with its rows; then objects as they appear in that.
        var ordered = taking.Select(share => share.Account).Distinct().SelectMany(account => taking.Where(share => share.Account == account)).ToList();
        var pairs = new List<NaivePair>();
        foreach (var @object in ordered.Select(share => share.Object).Distinct())
        {
            var own = ordered.Where(share => share.Object == @object).ToList();
            for (var later = 0; later < own.Count; later++)
            {
                for (var earlier = 0; earlier < later; earlier++)
                {
                    var (a, b) = (own[earlier], own[later]);
                    var loop = a.Account == b.Account || a.Content == b.Content || (!corrected && (a.Object is null || a.Object == a.Content || b.Object == b.Content));
                    if (Math.Abs(a.Time - b.Time) > options.TimeWindow || (options.RemoveLoops && loop))
                    {
                        continue;
                    }

                    var swap = a.Time > b.Time || (corrected && a.Time == b.Time && After(a, b));
                    pairs.Add(swap ? new(b, a, false) : new(a, b, false));
                }
            }
        }

        pairs = Filter(pairs, taking, options);
        if (options.FastWindow is not { } window)
        {
            return pairs;
        }

        var fast = Filter([.. pairs.Where(pair => pair.Newer.Time - pair.Older.Time <= window)], all, options);
        return corrected
            ? [.. pairs.Select(pair => pair with { Fast = fast.Any(other => ReferenceEquals(other, pair)) })]
            : [.. pairs.Select(pair => pair with { Fast = fast.Any(other => other.Older.Content == pair.Older.Content && other.Newer.Content == pair.Newer.Content) })
                .OrderBy(pair => pair.Older.Content, Bytes).ThenBy(pair => pair.Newer.Content, Bytes)];
    }

    public static List<NaiveEdge> Edges(IReadOnlyList<NaivePair> pairs, ShareOptions options)
    {
        var corrected = options.Mode == ShareMode.Corrected;
        var edges = new List<NaiveEdge>();
        foreach (var (low, high) in pairs.Select(Ends).Distinct())
        {
            var own = pairs.Where(pair => Ends(pair) == (low, high)).ToList();
            var older = own.Select(pair => corrected && pair.Older.Account != low ? pair.Newer.Content : pair.Older.Content).Distinct().Count();
            var newer = own.Select(pair => corrected && pair.Older.Account != low ? pair.Older.Content : pair.Newer.Content).Distinct().Count();
            edges.Add(new(low, high, own.Count, own.Average(pair => (double)(pair.Newer.Time - pair.Older.Time)), older, newer, string.Join(",", own.Select(pair => pair.Older.Object ?? "NA").Distinct()), false));
        }

        var weights = edges.Select(edge => (double)edge.Weight).Order().ToList();
        var place = (weights.Count - 1) * options.EdgeWeight;
        var threshold = weights.Count == 0 ? 0 : weights[(int)place] + ((place - (int)place) * (weights[Math.Min((int)place + 1, weights.Count - 1)] - weights[(int)place]));
        var vertices = edges.Select(edge => edge.From).Concat(edges.Select(edge => edge.To)).Distinct().ToList();
        edges = [.. edges.Select(edge => edge with { Heavy = edge.Weight > threshold })];
        return corrected ? edges : [.. edges.Select(edge => vertices.IndexOf(edge.From) > vertices.IndexOf(edge.To) ? edge with { From = edge.To, To = edge.From } : edge)];
    }

    public static List<(string Account, double Delta, double Symmetry, int Shares)> Accounts(IReadOnlyList<NaiveEdge> edges, IReadOnlyList<NaivePair> pairs, ShareOptions options)
    {
        var accounts = new List<(string, double, double, int)>();
        foreach (var account in edges.SelectMany(edge => (string[])[edge.From, edge.To]).Distinct().Order(Bytes))
        {
            var rows = edges.Where(edge => edge.From == account || edge.To == account)
                .Select(edge => (edge.Delta, Symmetry: (double)Math.Min(edge.Contents, edge.OtherContents) / Math.Max(edge.Contents, edge.OtherContents))).ToList();
            rows = options.Mode == ShareMode.Compat ? [.. rows.Distinct()] : rows;
            var contents = pairs.SelectMany(pair => (Share[])[pair.Older, pair.Newer]).Where(share => share.Account == account).Select(share => share.Content).Distinct().Count();
            accounts.Add((account, rows.Average(row => row.Delta), rows.Average(row => row.Symmetry), contents));
        }

        return accounts;
    }

    public static List<(string Object, int Accounts)> Objects(IReadOnlyList<NaiveEdge> edges, ShareOptions options)
    {
        var both = options.Mode == ShareMode.Corrected;
        return [.. edges.SelectMany(edge => edge.Objects.Split(',')).Distinct()
            .Select(@object => (@object, edges.Where(edge => edge.Objects.Split(',').Contains(@object)).SelectMany(edge => both ? (string[])[edge.From, edge.To] : [edge.From]).Distinct().Count()))
            .OrderByDescending(pair => pair.Item2)];
    }

    private static List<NaivePair> Filter(List<NaivePair> pairs, IReadOnlyList<Share> rows, ShareOptions options)
    {
        if (options.MinParticipation < 1)
        {
            return pairs;
        }

        if (options.Mode == ShareMode.Corrected)
        {
            while (true)
            {
                var stay = pairs.Where(pair => Takes(pair.Older.Account) && Takes(pair.Newer.Account)).ToList();
                if (stay.Count == pairs.Count)
                {
                    return pairs;
                }

                pairs = stay;

                bool Takes(string account) => Participation(pairs.SelectMany(pair => (Share[])[pair.Older, pair.Newer]).Where(share => share.Account == account), true) >= options.MinParticipation;
            }
        }

        var found = pairs.SelectMany(pair => (string[])[pair.Older.Content, pair.Newer.Content]).ToHashSet();
        var counted = rows.Where(row => found.Contains(row.Content)).ToList();
        var passing = counted.Where(row => counted.Count(other => other.Account == row.Account) >= options.MinParticipation).Select(row => row.Content).ToHashSet();
        return [.. pairs.Where(pair => passing.Contains(pair.Older.Content) || passing.Contains(pair.Newer.Content))];
    }

    private static int Participation(IEnumerable<Share> rows, bool corrected) => corrected ? rows.Select(row => row.Content).Distinct().Count() : rows.Count();

    private static (string, string) Ends(NaivePair pair) =>
        Bytes.Compare(pair.Older.Account, pair.Newer.Account) <= 0 ? (pair.Older.Account, pair.Newer.Account) : (pair.Newer.Account, pair.Older.Account);

    private static bool After(Share a, Share b) => Bytes.Compare(a.Account, b.Account) is var order and not 0 ? order > 0 : Bytes.Compare(a.Content, b.Content) > 0;
}
