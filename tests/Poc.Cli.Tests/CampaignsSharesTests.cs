using System.Text.Json;
using Xunit;

namespace Poc.Cli.Tests;

public sealed class CampaignsSharesTests : IDisposable
{
    private const string Shares = "timestamp_share,object_id,account_id,content_id\n100,o1,anna,c1\n103,o1,boris,c2\n500,o2,anna,c3\n501,o2,boris,c4\n900,o2,clara,c5\nlate,o2,clara,c6\n";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("poc-campaigns-");

    [Fact]
    public async Task Shares_are_analysed_into_all_files()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "shares.csv"), Shares, TestContext.Current.CancellationToken);
        var (exit, output, errors) = await CommandLine.RunAsync(_folder.FullName, "campaigns", "analyze", "shares.csv", "--kind", "shares", "--time-window", "10", "--min-participation", "2",
            "--edge-weight", "0.5", "--mode", "compat", "--permutations", "20", "--out", "found", "--json");
        Assert.Equal(0, exit);
        Assert.Equal(2, JsonDocument.Parse(output).RootElement.GetProperty("pairs").GetInt32());
        Assert.Contains("poc: shares.csv: line 7, column timestamp_share: \"late\" is not a number of seconds", errors, StringComparison.Ordinal);
        Assert.Equal(["account_stats.csv", "edges.csv", "group_stats.csv", "network.graphml", "nodes.csv", "pairs.csv", "report.html", "summary.json"],
            Directory.EnumerateFiles(Path.Combine(_folder.FullName, "found")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("from,to,weight,avg_time_delta,n_content_id,n_content_id_y,edge_symmetry_score,object_ids,weight_threshold\nanna,boris,2,2,2,2,1,\"o1,o2\",0\n",
            await File.ReadAllTextAsync(Path.Combine(_folder.FullName, "found", "edges.csv"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("needs --time-window")]
    [InlineData("line 7, column timestamp_share", "--time-window", "10", "--strict")]
    [InlineData("the fast network", "--time-window", "10", "--subgraph", "2")]
    [InlineData("quantile", "--time-window", "10", "--edge-weight", "2")]
    public async Task What_cannot_be_analysed_ends_with_2_and_the_reason(string reason, params string[] arguments)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "shares.csv"), Shares, TestContext.Current.CancellationToken);
        var (exit, _, errors) = await CommandLine.RunAsync(_folder.FullName, ["campaigns", "analyze", "shares.csv", "--kind", "shares", "--out", "found", .. arguments]);
        Assert.Equal(2, exit);
        Assert.Contains(reason, errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_folder.FullName, "found")));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
