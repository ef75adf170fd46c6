using System.Diagnostics;
using Poc.Campaigns.Input;

namespace Poc.Campaigns.Shares;

/// <summary>Analyses a file of shares: pairs within a time window, the network of their accounts, statistics, and what chance would give.</summary>
public sealed class ShareAnalysis
{
    private readonly ShareTable _table;
    private readonly SharePairs _pairs;
    private readonly ShareNetwork _network;

    private ShareAnalysis(string file, ShareOptions options, ShareTable table, int duplicates, SharePairs pairs, ShareNetwork network, RowIssues issues, ShareNull? @null)
    {
        (File, Options, _table, Duplicates, _pairs, _network, Issues, Null) = (file, options, table, duplicates, pairs, network, issues, @null);
    }

    /// <summary>Name of the file that was analysed.</summary>
    public string File { get; }

    /// <summary>How it was analysed.</summary>
    public ShareOptions Options { get; }

    /// <summary>What was wrong with rows of the file.</summary>
    public RowIssues Issues { get; }

    /// <summary>What chance would give; null where it was not asked for.</summary>
    public ShareNull? Null { get; }

    /// <summary>Rows that were taken.</summary>
    public int Shares => _table.Count;

    /// <summary>Pairs that were found.</summary>
    public int Pairs => _pairs.Count;

    /// <summary>Edges of the network that is kept.</summary>
    public int Edges => _network.Edges.Length;

    /// <summary>Accounts of the network that is kept.</summary>
    public int Accounts => _network.Accounts.Length;

    /// <summary>How long each step took, in the order of the steps.</summary>
    public IReadOnlyDictionary<string, StepTime> Steps { get; private init; } = new Dictionary<string, StepTime>();

    internal int Duplicates { get; }

    internal ShareTable Table => _table;

    internal SharePairs PairSet => _pairs;

    internal ShareNetwork Network => _network;

    /// <summary>Reads and analyses a file.</summary>
    /// <param name="path">CSV or Parquet with the columns object_id, account_id, content_id, timestamp_share.</param>
    /// <param name="options">How.</param>
    /// <param name="strict">Stop at the first bad row.</param>
    /// <param name="progress">Told each step and how far it is, 0 to 1.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="InputException">The file cannot be analysed; the message says why.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="ArgumentException">The options contradict each other; see <see cref="ShareOptions.Problem"/>.</exception>
    public static ShareAnalysis Run(string path, ShareOptions options, bool strict = false, IProgress<AnalysisStep>? progress = null, CancellationToken cancellation = default)
    {
        using var reader = RowReader.Open(path, ShareTable.Columns, strict);
        return Run(reader, Path.GetFileName(path), options, progress, cancellation);
    }

    internal static ShareAnalysis Run(RowReader reader, string name, ShareOptions options, IProgress<AnalysisStep>? progress, CancellationToken cancellation)
    {
        if (options.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        var clock = new StepClock();
        _ = Task.Run(() => Compile(options), cancellation);
        var table = ShareTable.Load(reader, options.Mode == ShareMode.Compat, Step(progress, "reading"), cancellation);
        clock.Ended("read");
        return Run(table, reader.Issues, name, options, clock, progress, cancellation);
    }

    internal static ShareAnalysis Run(ShareTable table, RowIssues issues, string name, ShareOptions options, StepClock clock, IProgress<AnalysisStep>? progress, CancellationToken cancellation)
    {
        progress?.Report(new("pairing", 0));
        var groups = ShareGroups.Of(table, options);
        var pairs = SharePairs.Find(table, groups, options, cancellation);
        clock.Ended("pairs");
        table.GiveBack();
        // Before the network: chance needs memory for as long as it is played, and the network afterwards.
        var @null = ShareNull.Of(table, groups, pairs, options, Step(progress, "permuting"), cancellation);
        clock.Ended("null");
        table.GiveBack();
        var network = ShareNetwork.Of(table, pairs, options);
        clock.Ended("network");
        table.GiveBack();
        return new(name, options, table, groups.Duplicates, pairs, network, issues, @null) { Steps = clock.Steps };
    }

    /// <summary>Has the steps that follow compiled while the file is read: for a small file compiling takes longer than all the rest.</summary>
    private static void Compile(ShareOptions options)
    {
        var few = options with { TimeWindow = 9, FastWindow = options.FastWindow is null ? null : 3, MinParticipation = Math.Min(2, options.MinParticipation), Permutations = Math.Min(1, options.Permutations ?? 1) };
        var analysis = Run(ShareTable.Example(), new RowIssues(strict: false), "", few, new StepClock(), progress: null, CancellationToken.None);
        ShareStatistics.Accounts(analysis.Network, analysis.PairSet, few);
        ShareStatistics.Objects(analysis.Network, few);
    }

    private static StepProgress? Step(IProgress<AnalysisStep>? progress, string step) => progress is null ? null : new StepProgress(progress, step);

    private sealed class StepProgress(IProgress<AnalysisStep> progress, string step) : IProgress<double>
    {
        public void Report(double value) => progress.Report(new(step, value));
    }
}

/// <summary>How long a step took, in milliseconds.</summary>
/// <param name="Wall">By the clock.</param>
/// <param name="Cpu">Of all processors together, for all that the process did meanwhile.</param>
public readonly record struct StepTime(double Wall, double Cpu);

/// <summary>Takes the time of steps.</summary>
internal sealed class StepClock
{
    private readonly OrderedDictionary<string, StepTime> _steps = [];
    private long _from = Stopwatch.GetTimestamp();
    private TimeSpan _cpuFrom = Environment.CpuUsage.TotalTime;

    /// <summary>Times by step.</summary>
    public IReadOnlyDictionary<string, StepTime> Steps => _steps;

    public void Ended(string step)
    {
        var (now, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        _steps[step] = new(Stopwatch.GetElapsedTime(_from, now).TotalMilliseconds, (cpu - _cpuFrom).TotalMilliseconds);
        (_from, _cpuFrom) = (now, cpu);
    }
}
