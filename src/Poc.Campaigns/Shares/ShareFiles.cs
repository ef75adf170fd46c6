using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Poc.Campaigns.Output;
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
        analysis.Table.GiveBack();
        var objects = ShareStatistics.Objects(analysis.Network, analysis.Options);
        clock.Ended("statistics");
        analysis.Table.GiveBack();
        var components = Components(analysis.Network);
        // The files know nothing of each other; the largest first, so that none of them is begun last.
        Action[] files =
        [
            () => GraphFile.Write(analysis.Network, analysis.PairSet.Fast is not null, Path.Combine(folder, "network.graphml")),
            () => WritePairs(analysis, Path.Combine(folder, "pairs.csv")),
            () => WriteEdges(analysis, Path.Combine(folder, "edges.csv")),
            () => WriteNodes(analysis.Network, components, Path.Combine(folder, "nodes.csv")),
            () => WriteAccounts(analysis, accounts, Path.Combine(folder, "account_stats.csv")),
            () => WriteObjects(objects, Path.Combine(folder, "group_stats.csv")),
            () => WriteReport(analysis, objects, Path.Combine(folder, "report.html")),
        ];
        try
        {
            Parallel.ForEach(Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, static write => write());
        }
        catch (AggregateException several) when (several.InnerExceptions.FirstOrDefault(static one => one is IOException or UnauthorizedAccessException) is { } failed)
        {
            ExceptionDispatchInfo.Throw(failed);
        }

        clock.Ended("write");
        File.WriteAllText(Path.Combine(folder, "summary.json"), JsonSerializer.Serialize(Summary(analysis, components, clock), Json) + "\n");
    }

    private static void WritePairs(ShareAnalysis analysis, string path)
    {
        var (table, pairs) = (analysis.Table, analysis.PairSet);
        string[] columns = ["object_id", "content_id", "content_id_y", "time_delta", "account_id", "account_id_y"];
        using var csv = new CsvOutput(path, pairs.Fast is null ? columns : [.. columns, $"time_window_{analysis.Options.FastWindow}"]);
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            var (older, newer) = (pairs.Older[pair], pairs.Newer[pair]);
            csv.IdOrNothing(table.Objects, table.Object[older]);
            csv.Id(table.Contents, table.Content[older]);
            csv.Id(table.Contents, table.Content[newer]);
            csv.Number(table.Time[newer] - table.Time[older]);
            csv.Id(table.Accounts, table.Account[older]);
            csv.Id(table.Accounts, table.Account[newer]);
            if (pairs.Fast is { } fast)
            {
                csv.Number(fast[pair] ? 1L : 0);
            }

            csv.EndRow();
        }
    }

    private static void WriteEdges(ShareAnalysis analysis, string path)
    {
        var (table, network) = (analysis.Table, analysis.Network);
        if (analysis.PairSet.Fast is not null)
        {
            WriteEdgesOfBoth(table, network, path);
            return;
        }

        using var csv = new CsvOutput(path, "from", "to", "weight", "avg_time_delta", "n_content_id", "n_content_id_y", "edge_symmetry_score", "object_ids", "weight_threshold");
        foreach (ref readonly var edge in network.Edges.AsSpan())
        {
            csv.Id(table.Accounts, edge.From);
            csv.Id(table.Accounts, edge.To);
            csv.Number((double)edge.Full.Weight);
            csv.Number(edge.Full.AverageDelta);
            csv.Number((long)edge.Full.Contents);
            csv.Number((long)edge.Full.OtherContents);
            csv.Number(edge.Full.Symmetry);
            csv.Ids(table.Objects, network.Objects(edge.Full));
            csv.Number(edge.Heavy ? 1L : 0);
            csv.EndRow();
        }
    }

    private static void WriteEdgesOfBoth(ShareTable table, ShareNetwork network, string path)
    {
        using var csv = new CsvOutput(path, "from", "to", "weight_full", "weight_fast", "avg_time_delta_full", "avg_time_delta_fast", "n_content_id_full", "n_content_id_y_full",
            "n_content_id_fast", "n_content_id_y_fast", "edge_symmetry_score_full", "edge_symmetry_score_fast", "object_ids_full", "object_ids_fast", "weight_threshold_full",
            "weight_threshold_fast");
        foreach (ref readonly var edge in network.Edges.AsSpan())
        {
            var fast = network.Fast(in edge);
            csv.Id(table.Accounts, edge.From);
            csv.Id(table.Accounts, edge.To);
            csv.Number((double)edge.Full.Weight);
            csv.Number((double?)fast?.Weight);
            csv.Number(edge.Full.AverageDelta);
            csv.Number(fast?.AverageDelta);
            csv.Number((double)edge.Full.Contents);
            csv.Number((double)edge.Full.OtherContents);
            csv.Number((double?)fast?.Contents);
            csv.Number((double?)fast?.OtherContents);
            csv.Number(edge.Full.Symmetry);
            csv.Number(fast?.Symmetry);
            csv.Ids(table.Objects, network.Objects(edge.Full));
            if (fast is { } part)
            {
                csv.Ids(table.Objects, network.Objects(in part));
            }
            else
            {
                csv.Number(null);
            }

            csv.Number(edge.Heavy ? 1L : 0);
            csv.Number(edge.HeavyFast is { } heavy ? heavy ? 1.0 : 0 : null);
            csv.EndRow();
        }
    }

    private static void WriteNodes(ShareNetwork network, int[] components, string path)
    {
        var vertices = network.Vertices();
        var (degrees, strengths) = (new int[network.Accounts.Length], new long[network.Accounts.Length]);
        foreach (ref readonly var edge in network.Edges.AsSpan())
        {
            // A loop counts at both of its ends, as in igraph.
            foreach (var vertex in (ReadOnlySpan<int>)[vertices[edge.From], vertices[edge.To]])
            {
                degrees[vertex]++;
                strengths[vertex] += edge.Full.Weight;
            }
        }

        string[] columns = ["account_id", "degree", "strength", "component"];
        using var csv = new CsvOutput(path, network.Core is null ? columns : [.. columns, "color_v"]);
        for (var vertex = 0; vertex < network.Accounts.Length; vertex++)
        {
            csv.Id(network.Table.Accounts, network.Accounts[vertex]);
            csv.Number((long)degrees[vertex]);
            csv.Number(strengths[vertex]);
            csv.Number((long)components[vertex]);
            if (network.Core is { } core)
            {
                csv.Number(core.Contains(network.Accounts[vertex]) ? 1L : 0);
            }

            csv.EndRow();
        }
    }

    /// <summary>Parts that hang together, numbered from 1 by their first account; by vertex.</summary>
    internal static int[] Components(ShareNetwork network)
    {
        var vertices = network.Vertices();
        var parent = new int[network.Accounts.Length];
        for (var vertex = 0; vertex < parent.Length; vertex++)
        {
            parent[vertex] = vertex;
        }

        // The first account of a part stays its root.
        foreach (ref readonly var edge in network.Edges.AsSpan())
        {
            var (one, other) = (Root(vertices[edge.From]), Root(vertices[edge.To]));
            parent[Math.Max(one, other)] = Math.Min(one, other);
        }

        var (components, count) = (new int[parent.Length], 0);
        for (var vertex = 0; vertex < parent.Length; vertex++)
        {
            var root = Root(vertex);
            components[vertex] = root == vertex ? ++count : components[root];
        }

        return components;

        int Root(int vertex)
        {
            while (parent[vertex] != vertex)
            {
                vertex = parent[vertex] = parent[parent[vertex]];
            }

            return vertex;
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

    private static void WriteReport(ShareAnalysis analysis, List<(string Object, int Accounts)> objects, string path)
    {
        using var page = new StreamWriter(path);
        ReportPage.Write(page, ShareReport.Of(analysis, objects));
    }

    private static object Summary(ShareAnalysis analysis, int[] components, StepClock writing)
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
                Edges = network.Edges.Length,
                HeavyEdges = network.Edges.Count(edge => edge.Heavy),
                Components = components.AsSpan().IsEmpty ? 0 : components.Max(),
            },
            analysis.Null,
            Milliseconds = analysis.Steps.Concat(writing.Steps).ToDictionary(step => step.Key, step => Math.Round(step.Value.Wall, 2)),
            CpuMilliseconds = analysis.Steps.Concat(writing.Steps).ToDictionary(step => step.Key, step => Math.Round(step.Value.Cpu, 2)),
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

        if (analysis.Network.Edges.Length > 0 && !analysis.Network.Edges.Any(edge => edge.Heavy))
        {
            warnings.Add("No edge is above the threshold: most edges have the same weight. Choose a lower edge weight, or read the permutation null instead.");
        }

        return warnings;
    }
}
