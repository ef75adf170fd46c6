using System.CommandLine;
using System.Globalization;
using Poc.Campaigns.Input;
using Poc.Campaigns.Shares;

namespace Poc.Cli.Commands;

/// <summary><c>poc campaigns analyze FILE --kind shares</c>: accounts that share the same objects within seconds of each other.</summary>
internal static class CampaignsShares
{
    private static readonly Option<long?> TimeWindow = new("--time-window") { Description = "shares: seconds within which two shares of an object belong together. Needed." };
    private static readonly Option<int> MinParticipation = new("--min-participation") { Description = "shares: how often an account must take part.", DefaultValueFactory = _ => 2 };
    private static readonly Option<bool> RemoveLoops = new("--remove-loops") { Description = "shares: true drops pairs of an account with itself.", DefaultValueFactory = _ => true };

    private static readonly Option<double> EdgeWeight = new("--edge-weight")
    {
        Description = "shares: edges are heavy above this quantile of all weights, 0 to 1.",
        DefaultValueFactory = _ => 0.5,
        // A decimal point whatever the language of the machine: the same command line means the same everywhere.
        CustomParser = argument =>
        {
            if (!double.TryParse(argument.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                argument.AddError($"--edge-weight is a number like 0.5, not '{argument.Tokens[0].Value}'.");
            }

            return value;
        },
    };

    private static readonly Option<int> Subgraph = new("--subgraph") { Description = "shares: 0 the whole network; 1 its heavy edges; 2 the heavy edges of the fast network; 3 these with everything next to them.", DefaultValueFactory = _ => 0 };
    private static readonly Option<long?> FastWindow = new("--fast-window") { Description = "shares: a narrower window in seconds, marked and counted apart." };
    private static readonly Option<string> Mode = new("--mode") { Description = "shares: compat is CooRTweet 2.1.3 to the last pair; corrected mends its quirks.", DefaultValueFactory = _ => "compat" };
    private static readonly Option<string> Statistics = new("--weight-threshold") { Description = "shares: edges that account_stats.csv and group_stats.csv are made of: none (all that are kept), full (heavy ones), fast (heavy ones of the fast network).", DefaultValueFactory = _ => "none" };
    private static readonly Option<int?> Permutations = new("--permutations") { Description = "shares: how often chance is played; 0 for not at all. Without it 1,000 times, fewer for large files, at least 19." };
    private static readonly Option<long> Seed = new("--seed") { Description = "shares: seed of the permutations.", DefaultValueFactory = _ => 1 };

    internal static IReadOnlyList<Option> Options { get; } =
        [TimeWindow, MinParticipation, RemoveLoops, EdgeWeight, Subgraph, FastWindow, Mode.AcceptOnlyFromAmong("compat", "corrected"), Statistics.AcceptOnlyFromAmong("none", "full", "fast"), Permutations, Seed];

    internal static async Task<int> RunAsync(ParseResult parsed, FileInfo file, DirectoryInfo output, bool strict, CancellationToken cancellation)
    {
        var options = new ShareOptions
        {
            TimeWindow = parsed.GetValue(TimeWindow) ?? throw new UsageException("--kind shares needs --time-window (seconds)."),
            MinParticipation = parsed.GetValue(MinParticipation),
            RemoveLoops = parsed.GetValue(RemoveLoops),
            EdgeWeight = parsed.GetValue(EdgeWeight),
            Subgraph = parsed.GetValue(Subgraph),
            FastWindow = parsed.GetValue(FastWindow),
            Mode = Enum.Parse<ShareMode>(parsed.GetValue(Mode)!, ignoreCase: true),
            Statistics = Enum.Parse<StatisticsScope>(parsed.GetValue(Statistics)!, ignoreCase: true),
            Permutations = parsed.GetValue(Permutations),
            Seed = parsed.GetValue(Seed),
        };
        if (options.Problem() is { } problem)
        {
            throw new UsageException($"{char.ToUpperInvariant(problem[0])}{problem[1..]}.");
        }

        var errors = parsed.InvocationConfiguration.Error;
        try
        {
            var analysis = await Task.Run(() => ShareAnalysis.Run(file.FullName, options, strict, new StepLines(errors), cancellation), cancellation);
            ShareFiles.Write(analysis, output.FullName);
            foreach (var issue in analysis.Issues.First.Take(20))
            {
                await errors.WriteLineAsync($"poc: {file.Name}: {issue}");
            }

            if (analysis.Issues.Rejected + analysis.Issues.Remarks > 20)
            {
                await errors.WriteLineAsync($"poc: {analysis.Issues.Rejected} rows left out, {analysis.Issues.Remarks} taken with a reservation; summary.json lists the first {analysis.Issues.First.Count}.");
            }

            await Answer.WriteAsync(
                parsed,
                new { rows = analysis.Shares, bad_rows = analysis.Issues.Rejected, pairs = analysis.Pairs, accounts = analysis.Accounts, edges = analysis.Edges, output = output.FullName },
                [
                    $"{analysis.Shares} shares, {analysis.Issues.Rejected} rows left out",
                    $"{analysis.Pairs} pairs within {options.TimeWindow} seconds; the network: {analysis.Accounts} accounts, {analysis.Edges} edges",
                    .. analysis.Null?.Statistics.Select(statistic => string.Create(CultureInfo.InvariantCulture,
                        $"  {statistic.Name,-15} {statistic.Observed,10}   by chance {statistic.Mean:0.0} ± {statistic.Deviation:0.0}, p = {statistic.P:0.####}")) ?? [],
                    $"written to {output.FullName}: pairs.csv, edges.csv, nodes.csv, account_stats.csv, group_stats.csv, network.graphml, summary.json, report.html",
                ]);
            return ExitCode.Done;
        }
        catch (InputException wrong)
        {
            throw new UsageException($"{file.Name}: {wrong.Message}");
        }
    }
}
