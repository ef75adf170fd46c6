using System.Globalization;
using System.Text;
using System.Text.Json;
using Poc.Campaigns.Output;
using Poc.Campaigns.Shares;

namespace Poc.Campaigns.Tests.Shares;

public sealed class ShareAnalysisTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("poc-shares-");

    /// <summary>Options in all combinations that matter, each on files of its own.</summary>
    public static TheoryData<ShareMode, long, int, bool, long?> Cases
    {
        get
        {
            var cases = new TheoryData<ShareMode, long, int, bool, long?>();
            foreach (var mode in (ShareMode[])[ShareMode.Compat, ShareMode.Corrected])
            {
                foreach (var (window, participation) in ((long, int)[])[(0, 1), (0, 2), (5, 2), (5, 3), (20, 0), (20, 5), (1000, 3), (1_000_000, 8)])
                {
                    cases.Add(mode, window, participation, true, null);
                    cases.Add(mode, window, participation, false, null);
                    cases.Add(mode, window, participation, true, window / 3);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Finds_what_the_plain_reference_finds(ShareMode mode, long window, int participation, bool removeLoops, long? fast)
    {
        for (var seed = 0; seed < 8; seed++)
        {
            var shares = Invent(new Random((seed * 1000) + (int)(window % 997) + (participation * 31) + (int)mode), 20 + (seed * 12));
            var options = new ShareOptions
            {
                TimeWindow = window,
                MinParticipation = participation,
                RemoveLoops = removeLoops,
                FastWindow = fast,
                Mode = mode,
                EdgeWeight = seed % 3 / 2.0,
                Permutations = 0,
            };
            var analysis = Analyse(shares, options);
            var pairs = NaiveShares.Pairs(shares, options);
            Assert.Equal(pairs.Select(pair => (pair.Older, pair.Newer, pair.Fast)), Pairs(analysis));

            var edges = NaiveShares.Edges(pairs, options);
            var found = Edges(analysis);
            // With a fast window the order of the edges is that of igraph's union, which the reference leaves open.
            Assert.Equal(fast is null ? edges : edges.OrderBy(edge => edge.From + "|" + edge.To), fast is null ? found : found.OrderBy(edge => edge.From + "|" + edge.To));
            if (fast is null)
            {
                Assert.Equal(NaiveShares.Accounts(edges, pairs, options).Select(Rounded), ShareStatistics.Accounts(analysis.Network, analysis.PairSet, options).Select(of => Rounded((Text(analysis.Table.Accounts, of.Account), of.Delta!.Value, of.Symmetry!.Value, of.Shares))));
            }

            Assert.Equal(NaiveShares.Objects(edges, options).Order(), ShareStatistics.Objects(analysis.Network, options).Order());
        }
    }

    [Fact]
    public void Subgraphs_hold_the_edges_they_are_made_of()
    {
        var shares = Invent(new Random(7), 300);
        var all = new ShareOptions { TimeWindow = 40, FastWindow = 10, MinParticipation = 2, Mode = ShareMode.Corrected, Permutations = 0, EdgeWeight = .5 };
        var whole = Analyse(shares, all).Network;
        Assert.Equal(whole.Edges.Where(edge => edge.Heavy).Select(Ends), Analyse(shares, all with { Subgraph = 1 }).Network.Edges.Select(Ends));
        var fast = Analyse(shares, all with { Subgraph = 2 }).Network;
        Assert.Equal(whole.Edges.Where(edge => edge.HeavyFast == true).Select(Ends), fast.Edges.Select(Ends));
        Assert.NotEmpty(fast.Edges);

        var context = Analyse(shares, all with { Subgraph = 3 }).Network;
        var core = fast.Accounts.ToHashSet();
        Assert.Equal(core.Order(), context.Core!.Order());
        var near = whole.Edges.Where(edge => core.Contains(edge.From) || core.Contains(edge.To)).SelectMany(edge => (int[])[edge.From, edge.To]).ToHashSet();
        Assert.Equal(near.Order(), context.Accounts.Order());
        Assert.Equal(whole.Edges.Where(edge => near.Contains(edge.From) && near.Contains(edge.To)).Select(Ends), context.Edges.Select(Ends));
    }

    [Fact]
    public void The_null_is_the_same_for_the_same_seed_and_another_for_another()
    {
        var shares = Invent(new Random(3), 400);
        var options = new ShareOptions { TimeWindow = 20, MinParticipation = 2, Permutations = 50 };
        var first = Analyse(shares, options).Null!;
        Assert.Equal(first.Statistics, Analyse(shares, options).Null!.Statistics);
        Assert.NotEqual(first.Statistics, Analyse(shares, options with { Seed = 2 }).Null!.Statistics);
    }

    [Fact]
    public void Two_accounts_that_always_move_together_are_far_beyond_chance()
    {
        var random = new Random(5);
        var shares = Enumerable.Range(0, 400).Select(i => new Share($"o{i % 20}", $"a{random.Next(60)}", $"c{i}", random.Next(20_000))).ToList();
        var chance = Analyse(shares, new() { TimeWindow = 30, Permutations = 200 }).Null!.Statistics.Single(statistic => statistic.Name == "heaviest_edge");
        Assert.InRange(chance.P, .02, 1);

        shares.AddRange(Enumerable.Range(0, 16).SelectMany(i => (Share[])[new($"o{i}", "x", $"x{i}", i * 1000), new($"o{i}", "y", $"y{i}", (i * 1000) + 3)]));
        var together = Analyse(shares, new() { TimeWindow = 30, Permutations = 200 }).Null!.Statistics.Single(statistic => statistic.Name == "heaviest_edge");
        Assert.Equal((16, 1 / 201.0), (together.Observed, together.P));
    }

    [Fact]
    public void The_number_of_pairs_in_the_null_is_that_of_the_data_where_every_pair_counts()
    {
        // Whatever is dealt to whom: the times are the same, so without loops and participation the pairs are as many.
        var analysis = Analyse(Invent(new Random(9), 300), new() { TimeWindow = 25, MinParticipation = 0, RemoveLoops = false, Permutations = 30 });
        var pairs = analysis.Null!.Statistics.Single(statistic => statistic.Name == "pairs");
        Assert.True(pairs.Observed > 100);
        Assert.Equal((pairs.Observed, pairs.Observed, 0.0, 1.0), (pairs.Observed, pairs.Mean, pairs.Deviation, pairs.P));
    }

    [Theory]
    [InlineData("o,a,c,", "line 2, column timestamp_share: empty")]
    [InlineData("o,a,c,soon", "line 2, column timestamp_share: \"soon\" is not a number of seconds")]
    [InlineData("o,a,c,1.5", "line 2, column timestamp_share: 1.5 is not a whole number of seconds")]
    [InlineData("o,a,c,1e300", "line 2, column timestamp_share: 1e300 is out of range (±2^53 seconds)")]
    [InlineData("o,a,c,99999999999999999", "line 2, column timestamp_share: 99999999999999999 is out of range (±2^53 seconds)")]
    [InlineData("o,,c,1", "line 2, column account_id: empty")]
    [InlineData("o,a,NA,1", "line 2, column content_id: empty")]
    public void A_share_that_cannot_be_used_is_left_out_with_line_column_and_reason(string row, string issue)
    {
        var analysis = Analyse($"object_id,account_id,content_id,timestamp_share\n{row}\no,b,d,1\n", new() { TimeWindow = 1 });
        Assert.Equal((1, issue), (analysis.Shares, Assert.Single(analysis.Issues.First).ToString()));
    }

    [Theory]
    [InlineData("-5", -5)]
    [InlineData("1623881091.0", 1623881091)]
    [InlineData("1.6e+09", 1600000000)]
    [InlineData("9007199254740992", 9007199254740992)]
    public void Times_may_be_negative_huge_or_written_as_floating_point(string text, long time) =>
        Assert.Equal(time, Analyse($"object_id,account_id,content_id,timestamp_share\no,a,c,{text}\n", new() { TimeWindow = 1 }).Table.Time[0]);

    [Fact]
    public void A_share_without_object_counts_for_its_account_and_is_paired_with_nothing()
    {
        const string File = "object_id,account_id,content_id,timestamp_share\no,a,c1,1\no,b,c2,2\n,a,c3,1\nNA,b,c4,1\n";
        var compat = Analyse(File, new() { TimeWindow = 10, MinParticipation = 2 });
        // Both accounts pass the first look with two rows each; at the second look only rows in pairs count.
        Assert.Equal((0, 4, 2), (compat.Pairs, compat.Shares, compat.Issues.Remarks));
        Assert.Equal(1, Analyse(File, new() { TimeWindow = 10, MinParticipation = 1 }).Pairs);
        Assert.Equal((1, 3), (Analyse(File, new() { TimeWindow = 10, MinParticipation = 1, Mode = ShareMode.Corrected }).Issues.Rejected, Analyse(File, new() { TimeWindow = 10, Mode = ShareMode.Corrected }).Shares));
    }

    [Fact]
    public void Shares_without_object_are_one_more_object_where_loops_are_kept()
    {
        const string File = "object_id,account_id,content_id,timestamp_share\n,a,c1,1\no,a,c2,100\nNA,b,c3,3\no,b,c4,102\n";
        ShareFiles.Write(Analyse(File, new() { TimeWindow = 10, MinParticipation = 2, RemoveLoops = false }), _folder.FullName);
        Assert.Equal(
            "object_id,content_id,content_id_y,time_delta,account_id,account_id_y\n,c1,c3,2,a,b\no,c2,c4,2,a,b\n", Written("pairs.csv"));
        Assert.Contains(",\"NA,o\",", Written("edges.csv"), StringComparison.Ordinal);
        Assert.Contains("\nNA,1\n", Written("group_stats.csv"), StringComparison.Ordinal);

        string Written(string name) => System.IO.File.ReadAllText(Path.Combine(_folder.FullName, name));
    }

    [Fact]
    public void Ids_with_commas_quotes_and_line_ends_come_out_as_they_went_in()
    {
        const string Odd = "\"a,\"\"1\"\"\nß\"";
        var analysis = Analyse($"object_id,account_id,content_id,timestamp_share\n\"o,\",{Odd},c1,1\n\"o,\",b,\"c\r\n2\",2\n", new() { TimeWindow = 10, MinParticipation = 1, Permutations = 19 });
        ShareFiles.Write(analysis, _folder.FullName);
        Assert.Equal($"object_id,content_id,content_id_y,time_delta,account_id,account_id_y\n\"o,\",c1,\"c\r\n2\",1,{Odd},b\n", File.ReadAllText(Path.Combine(_folder.FullName, "pairs.csv")));
        var graph = System.Xml.Linq.XDocument.Load(Path.Combine(_folder.FullName, "network.graphml"));
        Assert.Contains(graph.Descendants(), node => node.Value == "a,\"1\"\nß");
        var page = File.ReadAllText(Path.Combine(_folder.FullName, "report.html"));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        var summary = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.FullName, "summary.json"))).RootElement;
        Assert.Equal((1, 19), (summary.GetProperty("found").GetProperty("pairs").GetInt32(), summary.GetProperty("null").GetProperty("permutations").GetInt32()));
    }

    [Fact]
    public void A_file_without_pairs_gives_empty_files_and_says_so()
    {
        ShareFiles.Write(Analyse("object_id,account_id,content_id,timestamp_share\no,a,c,1\n", new() { TimeWindow = 10 }), _folder.FullName);
        Assert.Equal("from,to,weight,avg_time_delta,n_content_id,n_content_id_y,edge_symmetry_score,object_ids,weight_threshold\n", File.ReadAllText(Path.Combine(_folder.FullName, "edges.csv")));
        Assert.Contains("No two shares of an object lie within 10 seconds.", File.ReadAllText(Path.Combine(_folder.FullName, "summary.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        Assert.Contains("fast window", new ShareOptions { TimeWindow = 1, Subgraph = 2 }.Problem(), StringComparison.Ordinal);
        Assert.Contains("CooRTweet refuses", new ShareOptions { TimeWindow = 9, FastWindow = 1, Subgraph = 1 }.Problem(), StringComparison.Ordinal);
        Assert.Contains("quantile", new ShareOptions { TimeWindow = 1, EdgeWeight = double.NaN }.Problem(), StringComparison.Ordinal);
        Assert.Null(new ShareOptions { TimeWindow = 0 }.Problem());
    }

    [Theory]
    [InlineData(1.0, "1")]
    [InlineData(0.5, "0.5")]
    [InlineData(100000.0, "1e+05")]
    [InlineData(120000.0, "120000")]
    [InlineData(0.0001, "1e-04")]
    [InlineData(2.0 / 3, "0.666666666666667")]
    [InlineData(49.0 / 3, "16.3333333333333")]
    [InlineData(267.0 / 7, "38.1428571428572")]
    public void Numbers_are_written_as_the_peer_writes_them(double number, string text) => Assert.Equal(text, Formatted(number));

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Shares with all that is awkward: no object, contents on several objects and of several accounts, repeated rows, equal times, objects that are contents, ids beyond ASCII.</summary>
    private static List<Share> Invent(Random random, int count)
    {
        string[] prefixes = ["a", "B", "é", "_", "ü", "я", "0f", "😀"];
        var shares = new List<Share>();
        for (var i = 0; i < count; i++)
        {
            shares.Add(random.Next(20) == 0 && i > 0
                ? shares[random.Next(i)]
                : new(random.Next(9) == 0 ? null : $"o{random.Next(6)}", prefixes[random.Next(prefixes.Length)] + random.Next(4), random.Next(8) == 0 ? $"o{random.Next(6)}" : $"c{random.Next(count)}", random.Next(-50, 50 + count)));
        }

        return shares;
    }

    private static (string, double, double, int) Rounded((string Account, double Delta, double Symmetry, int Shares) account) =>
        (account.Account, Math.Round(account.Delta, 9), Math.Round(account.Symmetry, 9), account.Shares);

    private static string Formatted(double number)
    {
        var text = new byte[40];
        return Encoding.ASCII.GetString(text, 0, CsvOutput.Format(number, text));
    }

    private static (int, int) Ends(ShareEdge edge) => (edge.From, edge.To);

    private static string Text(IdPool pool, int number) => pool.Text(number);

    private static IEnumerable<(Share, Share, bool)> Pairs(ShareAnalysis analysis)
    {
        var (table, pairs) = (analysis.Table, analysis.PairSet);
        for (var pair = 0; pair < pairs.Count; pair++)
        {
            yield return (Row(pairs.Older[pair]), Row(pairs.Newer[pair]), pairs.Fast?[pair] ?? false);
        }

        Share Row(int row) => new(table.Object[row] == ShareTable.Missing ? null : Text(table.Objects, table.Object[row]), Text(table.Accounts, table.Account[row]), Text(table.Contents, table.Content[row]), table.Time[row]);
    }

    private static IEnumerable<NaiveEdge> Edges(ShareAnalysis analysis) => analysis.Network.Edges.Select(edge => new NaiveEdge(
        Text(analysis.Table.Accounts, edge.From), Text(analysis.Table.Accounts, edge.To), edge.Full.Weight, edge.Full.AverageDelta, edge.Full.Contents, edge.Full.OtherContents,
        string.Join(",", analysis.Network.Objects(edge.Full).ToArray().Select(analysis.Table.NameOf)), edge.Heavy));

    private ShareAnalysis Analyse(IEnumerable<Share> shares, ShareOptions options)
    {
        var text = new StringBuilder("content_id,timestamp_share,object_id,account_id\n");
        foreach (var share in shares)
        {
            text.Append(CultureInfo.InvariantCulture, $"{share.Content},{share.Time},{share.Object},{share.Account}\n");
        }

        return Analyse(text.ToString(), options);
    }

    private ShareAnalysis Analyse(string file, ShareOptions options)
    {
        var path = Path.Combine(_folder.FullName, "shares.csv");
        File.WriteAllText(path, file, new UTF8Encoding(false));
        return ShareAnalysis.Run(path, options, cancellation: TestContext.Current.CancellationToken);
    }
}
