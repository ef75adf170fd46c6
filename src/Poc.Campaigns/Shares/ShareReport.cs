using System.Globalization;
using Poc.Campaigns.Report;

namespace Poc.Campaigns.Shares;

/// <summary>Says for people what an analysis of shares found.</summary>
internal static class ShareReport
{
    private const int Bars = 120;
    private const int Listed = 25;

    public static CampaignReport Of(ShareAnalysis analysis, IReadOnlyList<(string Object, int Accounts)> objects)
    {
        var (table, network, options) = (analysis.Table, analysis.Network, analysis.Options);
        var sections = new List<ReportSection> { Timeline(analysis) };
        if (analysis.Null is { } chance)
        {
            sections.Add(Null(chance));
        }

        sections.Add(new NetworkSection("The network", "Accounts that shared the same within the window of each other. A thicker line stands for more pairs. Being connected shows similar timing, not intent. Only the strongest connections are shown; edges.csv has all.",
            network.Edges.Length, [.. Heaviest(network).Select(edge => new NetworkEdge(Label(table.Accounts.Text(edge.From)), Label(table.Accounts.Text(edge.To)), edge.Full.Weight))]));
        sections.Add(Contents(analysis, objects));
        sections.Add(new TableSection("Objects by accounts", "How many accounts of the network share each object, the most widely shared first.", ["object", "accounts"],
            [.. objects.Take(Listed).Select(pair => (IReadOnlyList<string>)[Label(pair.Object), Text(pair.Accounts)])]));
        if (analysis.Issues.First.Count > 0)
        {
            sections.Add(new TableSection("Rows with problems", $"{analysis.Issues.Rejected} rows were left out and {analysis.Issues.Remarks} taken with a reservation; the first of them:",
                ["line", "column", "reason"], [.. analysis.Issues.First.Select(issue => (IReadOnlyList<string>)[Text(issue.Line), issue.Column, issue.Reason])]));
        }

        return new($"Shares within {options.TimeWindow} seconds of each other: {analysis.File}",
        [
            $"Of {Text(table.Count)} shares, {Text(analysis.Pairs)} pairs lie within {options.TimeWindow} seconds of each other; they connect {Text(network.Accounts.Length)} accounts by {Text(network.Edges.Length)} edges.",
            .. analysis.Null is { } found ? [Reading(found)] : Array.Empty<string>(),
            .. ShareFiles.Warnings(analysis),
            "This is evidence of similar timing. News that everybody shares at once gives the same picture; whether there is more to it, a person decides.",
        ],
        [
            new("Mode", options.Mode == ShareMode.Compat ? "compat (as CooRTweet 2.1.3)" : "corrected"),
            new("Time window", $"{options.TimeWindow} s"),
            .. options.FastWindow is { } fast ? [new ReportFact("Fast window", $"{fast} s")] : Array.Empty<ReportFact>(),
            new("Minimum participation", Text(options.MinParticipation)),
            new("Loops", options.RemoveLoops ? "removed" : "kept"),
            new("Heavy edges", double.IsNaN(network.Threshold) ? "none" : $"weight above {network.Threshold.ToString("0.##", CultureInfo.InvariantCulture)} (quantile {options.EdgeWeight.ToString(CultureInfo.InvariantCulture)}): {Text(network.Edges.Count(edge => edge.Heavy))}"),
            new("Accounts, objects, contents in the file", $"{Text(table.Accounts.Count)}, {Text(table.Objects.Count)}, {Text(table.Contents.Count)}"),
        ], sections);
    }

    private static string Reading(ShareNull chance)
    {
        var repeated = chance.Statistics.First(statistic => statistic.Name == "edges_repeated");
        return $"Two accounts that meet once may do so by chance; {Text(repeated.Observed)} pairs of accounts met at least twice, where chance gives {Text(repeated.Mean)} ± {Text(repeated.Deviation)} (p = {repeated.P.ToString("0.####", CultureInfo.InvariantCulture)}, {chance.Permutations} permutations).";
    }

    private static TableSection Null(ShareNull chance) => new("Against chance",
        "The times of each object were dealt anew among its shares, and the same things counted. A count inside the interval is what chance gives anyway; p is the share of permutations with at least as many.",
        ["counted", "in the file", "mean by chance", "deviation", "95 % from", "to", "p"],
        [.. chance.Statistics.Select(statistic => (IReadOnlyList<string>)
        [
            statistic.Name.Replace('_', ' '), Text(statistic.Observed), Text(statistic.Mean), Text(statistic.Deviation), Text(statistic.Low), Text(statistic.High), statistic.P.ToString("0.####", CultureInfo.InvariantCulture),
        ])]);

    /// <summary>Pairs over time; the baseline is what they would be if every share were as likely to be in a pair at any time.</summary>
    private static TimelineSection Timeline(ShareAnalysis analysis)
    {
        var (table, pairs) = (analysis.Table, analysis.PairSet);
        const string Title = "Pairs over time, against the baseline";
        const string Explanation = "Bars are pairs by the time of their newer share. The line is the baseline: as many pairs as this interval would have if its shares were in pairs as often as all shares of the file are. Bars far above the line are bursts.";
        if (table.Count == 0)
        {
            return new(Title, Explanation, "pairs", []);
        }

        var (earliest, latest) = (long.MaxValue, long.MinValue);
        for (var row = 0; row < table.Count; row++)
        {
            (earliest, latest) = (Math.Min(earliest, table.Time[row]), Math.Max(latest, table.Time[row]));
        }

        var length = Math.Max(1, ((latest - earliest) / Bars) + 1);
        var shares = new int[Bars];
        var found = new int[Bars];
        for (var row = 0; row < table.Count; row++)
        {
            shares[(table.Time[row] - earliest) / length]++;
        }

        for (var pair = 0; pair < pairs.Count; pair++)
        {
            found[(table.Time[pairs.Newer[pair]] - earliest) / length]++;
        }

        var used = (int)((latest - earliest) / length) + 1;
        return new(Title, Explanation, "pairs",
            [.. Enumerable.Range(0, used).Select(bar => new TimelineBucket(Instant(earliest + (bar * length)), found[bar], (double)pairs.Count * shares[bar] / table.Count))]);
    }

    private static PassagesSection Contents(ShareAnalysis analysis, IReadOnlyList<(string Object, int Accounts)> objects)
    {
        var table = analysis.Table;
        var wanted = objects.Take(Listed).Select(pair => pair.Object).ToHashSet(StringComparer.Ordinal);
        var accounts = wanted.ToDictionary(name => name, _ => new List<string>(), StringComparer.Ordinal);
        var known = new Dictionary<int, List<string>?>();
        foreach (ref readonly var edge in analysis.Network.Edges.AsSpan())
        {
            foreach (var number in analysis.Network.Objects(edge.Full))
            {
                if (!known.TryGetValue(number, out var of))
                {
                    known.Add(number, of = accounts.GetValueOrDefault(table.NameOf(number)));
                }

                if (of?.Count < 6)
                {
                    of.Add($"{Label(table.Accounts.Text(edge.From))} and {Label(table.Accounts.Text(edge.To))}");
                }
            }
        }

        return new("Shared objects", "What was shared together, most widely shared first, each with the number of accounts that group_stats.csv counts, and some of the pairs of accounts that shared it within the window.",
            [.. objects.Take(Listed).Select(pair => new Passage(pair.Object, null, pair.Accounts, accounts.GetValueOrDefault(pair.Object) ?? []))]);
    }

    /// <summary>As many edges as are drawn, the heaviest first, of equal ones the one found first.</summary>
    private static IEnumerable<ShareEdge> Heaviest(ShareNetwork network)
    {
        var drawn = new PriorityQueue<int, (int Weight, int Later)>();
        for (var i = 0; i < network.Edges.Length; i++)
        {
            var priority = (network.Edges[i].Full.Weight, -i);
            if (drawn.Count < ReportPage.DrawnEdges)
            {
                drawn.Enqueue(i, priority);
            }
            else
            {
                drawn.EnqueueDequeue(i, priority);
            }
        }

        var order = new List<int>();
        while (drawn.TryDequeue(out var edge, out _))
        {
            order.Add(edge);
        }

        order.Reverse();
        return order.Select(edge => network.Edges[edge]);
    }

    private static DateTimeOffset Instant(long seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds()));

    private static string Label(string id) => id.Length <= 64 ? id : id[..63] + "…";

    private static string Text(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
