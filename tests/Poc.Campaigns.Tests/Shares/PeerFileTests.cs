using Poc.Campaigns.Shares;

namespace Poc.Campaigns.Tests.Shares;

/// <summary>
/// Equality with the files that CooRTweet 2.1.3 itself wrote. They are not part of the repository: POC_COORDINATION_DATA names the folder that holds them and the shares they come from.
/// </summary>
public sealed class PeerFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("poc-peer-");

    [Theory]
    [InlineData("pairs.csv", "peer_tw60_mp2.pairs.csv", 0, StatisticsScope.None)]
    [InlineData("edges.csv", "peer_tw60_mp2_ew0.5_all.edges.csv", 0, StatisticsScope.None)]
    [InlineData("edges.csv", "peer_tw60_mp2_ew0.5_above.edges.csv", 1, StatisticsScope.None)]
    [InlineData("account_stats.csv", "peer_tw60_mp2.account_stats_none.csv", 0, StatisticsScope.None)]
    [InlineData("account_stats.csv", "peer_tw60_mp2.account_stats_full.csv", 0, StatisticsScope.Full)]
    [InlineData("account_stats.csv", "peer_tw60_mp2.account_stats_full.csv", 1, StatisticsScope.None)]
    [InlineData("group_stats.csv", "peer_tw60_mp2.group_stats_none.csv", 0, StatisticsScope.None)]
    public void A_file_is_the_peers_to_the_last_byte(string file, string peer, int subgraph, StatisticsScope statistics)
    {
        var data = Environment.GetEnvironmentVariable("POC_COORDINATION_DATA");
        Assert.SkipUnless(Directory.Exists(data), "POC_COORDINATION_DATA does not name the folder with the peer's files.");
        var options = new ShareOptions { TimeWindow = 60, MinParticipation = 2, Subgraph = subgraph, Statistics = statistics, Permutations = 0 };
        var analysis = ShareAnalysis.Run(Path.Combine(data, "russian_coord_tweets.csv"), options, cancellation: TestContext.Current.CancellationToken);
        ShareFiles.Write(analysis, _folder.FullName);
        Assert.Equal(File.ReadAllLines(Path.Combine(data, peer)), File.ReadAllLines(Path.Combine(_folder.FullName, file)));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
