using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Xml;
using Poc.Campaigns.Report;

namespace Poc.Campaigns.Shares;

/// <summary>Writes what an analysis of shares found as files for other programs and for people.</summary>
public static class ShareFiles
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes pairs.csv, edges.csv, nodes.csv, account_stats.csv, group_stats.csv, network.graphml, summary.json and report.html, over files of these names. The summary comes last:
    /// where it is, everything is.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static void Write(ShareAnalysis analysis, string folder)
    {
        Directory.CreateDirectory(folder);
        File.Delete(Path.Combine(folder, "summary.json"));
        var clock = new StepClock();
        var accounts = ShareStatistics.Accounts(analysis.Network, analysis.PairSet, analysis.Options);
        var objects = ShareStatistics.Objects(analysis.Network, analysis.Options);
        clock.Ended("statistics");
        analysis.Table.GiveBack();
        WritePairs(analysis, Path.Combine(folder, "pairs.csv"));
        WriteEdges(analysis, Path.Combine(folder, "edges.csv"));
        WriteNodes(analysis, Path.Combine(folder, "nodes.csv"));
        WriteAccounts(analysis, accounts, Path.Combine(folder, "account_stats.csv"));
        WriteObjects(objects, Path.Combine(folder, "group_stats.csv"));
        WriteGraph(analysis, Path.Combine(folder, "network.graphml"));
        using (var page = new StreamWriter(Path.Combine(folder, "report.html")))
        {
            ReportPage.Write(page, ShareReport.Of(analysis, objects));
        }

        clock.Ended("write");
        File.WriteAllText(Path.Combine(folder, "summary.json"), JsonSerializer.Serialize(Summary(analysis, clock), Json) + "\n");
    }

    private static void WritePairs(ShareAnalysis analysis, string path)
    {
        var (table, pairs) = (analysis.Table, analysis.PairSet);
        string[] columns = ["object_id", "content_id", "content_id_y", "time_delta", "account_id", "account_id_y"];
        using var csv = new CsvOutput(path, pairs.Fast is null ? columns : [.. columns, $"time_window_{analysis.Options.FastWindow}"]);
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            var (older, newer) = (pairs.Older[pair], pairs.Newer[pair]);
            csv.Id(table.Objects, table.Object[older]);
            csv.Id(table.Contents, table.Content[older]);
            csv.Id(table.Contents, table.Content[newer]);
            csv.Number(table.Time[newer] - table.Time[older]);
            csv.Id(table.Accounts, table.Account[older]);
            csv.Id(table.Accounts, table.Account[newer]);
            if (pairs.Fast is { } fast)
            {
                csv.Number(fast[pair] ? 1 : 0);
            }

            csv.EndRow();
        }
    }

    private static void WriteEdges(ShareAnalysis analysis, string path)
    {
        var table = analysis.Table;
        if (analysis.PairSet.Fast is null)
        {
            using var csv = new CsvOutput(path, "from", "to", "weight", "avg_time_delta", "n_content_id", "n_content_id_y", "edge_symmetry_score", "object_ids", "weight_threshold");
            foreach (var edge in analysis.Network.Edges)
            {
                csv.Id(table.Accounts, edge.From);
                csv.Id(table.Accounts, edge.To);
                csv.Number((double)edge.Full.Weight);
                csv.Number(edge.Full.AverageDelta);
                csv.Number((long)edge.Full.Contents);
                csv.Number((long)edge.Full.OtherContents);
                csv.Number(edge.Full.Symmetry);
                csv.Text(ObjectIds(table, edge.Full));
                csv.Number(edge.Heavy ? 1 : 0);
                csv.EndRow();
            }

            return;
        }

        using var both = new CsvOutput(path, "from", "to", "weight_full", "weight_fast", "avg_time_delta_full", "avg_time_delta_fast", "n_content_id_full", "n_content_id_y_full",
            "n_content_id_fast", "n_content_id_y_fast", "edge_symmetry_score_full", "edge_symmetry_score_fast", "object_ids_full", "object_ids_fast", "weight_threshold_full",
            "weight_threshold_fast");
        foreach (var edge in analysis.Network.Edges)
        {
            both.Id(table.Accounts, edge.From);
            both.Id(table.Accounts, edge.To);
            both.Number((double)edge.Full.Weight);
            both.Number((double?)edge.Fast?.Weight);
            both.Number(edge.Full.AverageDelta);
            both.Number(edge.Fast?.AverageDelta);
            both.Number((double)edge.Full.Contents);
            both.Number((double)edge.Full.OtherContents);
            both.Number((double?)edge.Fast?.Contents);
            both.Number((double?)edge.Fast?.OtherContents);
            both.Number(edge.Full.Symmetry);
            both.Number(edge.Fast?.Symmetry);
            both.Text(ObjectIds(table, edge.Full));
            if (edge.Fast is { } fast)
            {
                both.Text(ObjectIds(table, fast));
            }
            else
            {
                both.Number(null);
            }

            both.Number(edge.Heavy ? 1 : 0);
            both.Number(edge.HeavyFast is { } heavy ? heavy ? 1 : 0 : null);
            both.EndRow();
        }
    }

    private static void WriteNodes(ShareAnalysis analysis, string path)
    {
        var network = analysis.Network;
        var degree = new Dictionary<int, (int Degree, long Strength)>();
        foreach (var edge in network.Edges)
        {
            // A loop counts at both of its ends, as in igraph.
            Add(edge.From, edge.Full.Weight);
            Add(edge.To, edge.Full.Weight);
        }

        var component = Components(network);
        string[] columns = ["account_id", "degree", "strength", "component"];
        using var csv = new CsvOutput(path, network.Core is null ? columns : [.. columns, "color_v"]);
        foreach (var account in network.Accounts)
        {
            csv.Id(network.Table.Accounts, account);
            csv.Number(degree[account].Degree);
            csv.Number(degree[account].Strength);
            csv.Number(component[account]);
            if (network.Core is { } core)
            {
                csv.Number(core.Contains(account) ? 1 : 0);
            }

            csv.EndRow();
        }

        void Add(int account, int weight)
        {
            var (edges, strength) = degree.GetValueOrDefault(account);
            degree[account] = (edges + 1, strength + weight);
        }
    }

    /// <summary>Parts that hang together, numbered from 1 by their first account.</summary>
    internal static Dictionary<int, int> Components(ShareNetwork network)
    {
        var parent = network.Accounts.ToDictionary(account => account, account => account);
        foreach (var edge in network.Edges)
        {
            parent[Root(edge.From)] = Root(edge.To);
        }

        var numbers = new Dictionary<int, int>();
        return network.Accounts.ToDictionary(account => account, account => numbers.TryGetValue(Root(account), out var number) ? number : numbers[Root(account)] = numbers.Count + 1);

        int Root(int account)
        {
            while (parent[account] != account)
            {
                account = parent[account] = parent[parent[account]];
            }

            return account;
        }
    }

    private static void WriteAccounts(ShareAnalysis analysis, List<ShareStatistics.OfAccount> accounts, string path)
    {
        var fast = analysis.PairSet.Fast is not null;
        using var csv = new CsvOutput(path, fast
            ? ["account_id", "avg_time_delta_full", "avg_time_delta_fast", "avg_edge_symmetry_score_full", "avg_edge_symmetry_score_fast", "unique_shares_count"]
            : ["account_id", "avg_time_delta", "avg_edge_symmetry_score", "unique_shares_count"]);
        foreach (var account in accounts)
        {
            csv.Id(analysis.Table.Accounts, account.Account);
            csv.Number(account.Delta);
            if (fast)
            {
                csv.Number(account.FastDelta);
            }

            csv.Number(account.Symmetry);
            if (fast)
            {
                csv.Number(account.FastSymmetry);
            }

            csv.Number((long)account.Shares);
            csv.EndRow();
        }
    }

    private static void WriteObjects(List<(string Object, int Accounts)> objects, string path)
    {
        using var csv = new CsvOutput(path, "object_id", "num_accounts");
        foreach (var (name, accounts) in objects)
        {
            csv.Text(name);
            csv.Number((long)accounts);
            csv.EndRow();
        }
    }

    private static void WriteGraph(ShareAnalysis analysis, string path)
    {
        const string Namespace = "http://graphml.graphdrawing.org/xmlns";
        var network = analysis.Network;
        var number = network.Accounts.Select((account, index) => (account, index)).ToDictionary(pair => pair.account, pair => pair.index);
        var fast = analysis.PairSet.Fast is not null;
        using var xml = XmlWriter.Create(path, new() { Indent = true, NewLineChars = "\n" });
        xml.WriteStartElement("graphml", Namespace);
        Key("name", "node", "string");
        Key("weight", "edge", "double");
        Key("avg_time_delta", "edge", "double");
        Key("edge_symmetry_score", "edge", "double");
        Key("weight_threshold", "edge", "int");
        if (fast)
        {
            Key("weight_fast", "edge", "double");
            Key("weight_threshold_fast", "edge", "int");
        }

        xml.WriteStartElement("graph", Namespace);
        xml.WriteAttributeString("edgedefault", "undirected");
        for (var i = 0; i < network.Accounts.Length; i++)
        {
            xml.WriteStartElement("node", Namespace);
            xml.WriteAttributeString("id", $"n{i}");
            Data("name", Xml(network.Table.Accounts.Text(network.Accounts[i])));
            xml.WriteEndElement();
        }

        foreach (var edge in network.Edges)
        {
            xml.WriteStartElement("edge", Namespace);
            xml.WriteAttributeString("source", $"n{number[edge.From]}");
            xml.WriteAttributeString("target", $"n{number[edge.To]}");
            Data("weight", Number(edge.Full.Weight));
            Data("avg_time_delta", Number(edge.Full.AverageDelta));
            Data("edge_symmetry_score", Number(edge.Full.Symmetry));
            Data("weight_threshold", edge.Heavy ? "1" : "0");
            if (edge.Fast is { } part)
            {
                Data("weight_fast", Number(part.Weight));
                Data("weight_threshold_fast", edge.HeavyFast == true ? "1" : "0");
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();

        void Key(string name, string of, string type)
        {
            xml.WriteStartElement("key", Namespace);
            xml.WriteAttributeString("id", name);
            xml.WriteAttributeString("for", of);
            xml.WriteAttributeString("attr.name", name);
            xml.WriteAttributeString("attr.type", type);
            xml.WriteEndElement();
        }

        void Data(string key, string value)
        {
            xml.WriteStartElement("data", Namespace);
            xml.WriteAttributeString("key", key);
            xml.WriteString(value);
            xml.WriteEndElement();
        }
    }

    private static object Summary(ShareAnalysis analysis, StepClock writing)
    {
        var (table, network, options) = (analysis.Table, analysis.Network, analysis.Options);
        return new
        {
            Kind = "shares",
            Mode = options.Mode.ToString().ToLowerInvariant(),
            analysis.File,
            Options = new
            {
                options.TimeWindow,
                options.MinParticipation,
                options.RemoveLoops,
                options.EdgeWeight,
                options.Subgraph,
                options.FastWindow,
                Statistics = options.Statistics.ToString().ToLowerInvariant(),
            },
            Input = new
            {
                Rows = table.Count,
                Objects = table.Objects.Count,
                Accounts = table.Accounts.Count,
                Contents = table.Contents.Count,
                RowsRejected = analysis.Issues.Rejected,
                RowsWithRemarks = analysis.Issues.Remarks,
                RepeatedRowsDropped = analysis.Duplicates,
                Issues = analysis.Issues.First,
                IssuesNotListed = analysis.Issues.Rejected + analysis.Issues.Remarks - analysis.Issues.First.Count,
            },
            Warnings = Warnings(analysis),
            Found = new
            {
                Pairs = analysis.Pairs,
                FastPairs = analysis.PairSet.Fast?.AsSpan(0, analysis.Pairs).Count(true),
                WeightThreshold = double.IsNaN(network.Threshold) ? (double?)null : network.Threshold,
                WeightThresholdFast = double.IsNaN(network.FastThreshold) ? (double?)null : network.FastThreshold,
                Nodes = network.Accounts.Length,
                Edges = network.Edges.Count,
                HeavyEdges = network.Edges.Count(edge => edge.Heavy),
                Components = Components(network).Values.DefaultIfEmpty().Max(),
            },
            analysis.Null,
            Milliseconds = analysis.Milliseconds.Concat(writing.Steps).ToDictionary(step => step.Key, step => Math.Round(step.Value, 2)),
        };
    }

    internal static IReadOnlyList<string> Warnings(ShareAnalysis analysis)
    {
        var warnings = new List<string>();
        if (analysis.Issues.Rejected > 0)
        {
            warnings.Add($"{analysis.Issues.Rejected} rows could not be used and were left out.");
        }

        if (analysis.Table.LateTimes > 0)
        {
            warnings.Add($"{analysis.Table.LateTimes} rows have times after the year 5000: timestamp_share is in seconds, and these look like milliseconds.");
        }

        if (analysis.Shares > 0 && analysis.Pairs == 0)
        {
            warnings.Add($"No two shares of an object lie within {analysis.Options.TimeWindow} seconds.");
        }

        if (analysis.Network.Edges.Count > 0 && !analysis.Network.Edges.Any(edge => edge.Heavy))
        {
            warnings.Add("No edge is above the threshold: most edges have the same weight. Choose a lower edge weight, or read the permutation null instead.");
        }

        return warnings;
    }

    private static byte[] ObjectIds(ShareTable table, Contribution contribution)
    {
        using var text = new MemoryStream();
        foreach (var number in contribution.Objects)
        {
            if (text.Length > 0)
            {
                text.WriteByte((byte)',');
            }

            text.Write(table.Objects.Get(number));
        }

        return text.ToArray();
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>Characters that XML 1.0 cannot hold become the replacement character.</summary>
    private static string Xml(string text) => text.All(XmlConvert.IsXmlChar) || !text.Any(char.IsControl) ? text : string.Concat(text.Select(c => char.IsSurrogate(c) || XmlConvert.IsXmlChar(c) ? c : '\uFFFD'));
}
