using System.Diagnostics;
using System.Globalization;
using System.Text;
using Poc.Campaigns.Shares;

namespace Poc.Campaigns.Bench;

/// <summary>
/// Speed and memory of the analysis of shares beside the figures of two known tools, and beside limits that are measured in the same run. Larger files are the same shares again and
/// again with other ids, so that every object, account and burst keeps its shape. Every figure is that of a process of its own, except where it says "warm".
/// </summary>
internal static class SharesRun
{
    // CooRTweet 2.1.3 (CPU seconds for this data and for ten times that) and the Coordination Network Toolkit (rows a second end to end at 3.5 million), as measured on two shared cores.
    private static readonly Dictionary<int, double> PeerCpuSeconds = new() { [1] = 21.4, [10] = 1110 };
    private const double ToolkitRowsPerSecond = 29_000;
    private const int Repetitions = 5;

    /// <summary>Measures and writes the page.</summary>
    /// <param name="factors">How many times the data.</param>
    /// <param name="page">Where the results page goes; null for none.</param>
    /// <param name="output">Told the results.</param>
    public static int Run(int[] factors, FileInfo? page, TextWriter output)
    {
        var data = Environment.GetEnvironmentVariable("POC_COORDINATION_DATA");
        if (!Directory.Exists(data))
        {
            output.WriteLine("POC_COORDINATION_DATA does not name the folder with russian_coord_tweets.csv.");
            return 2;
        }

        var (compute, whole) = (new StringBuilder(), new StringBuilder());
        var folder = Directory.CreateTempSubdirectory("poc-shares-bench-");
        try
        {
            foreach (var factor in factors)
            {
                var file = Path.Combine(folder.FullName, $"x{factor}.csv");
                Repeat(Path.Combine(data, "russian_coord_tweets.csv"), factor, file);
                var plain = Best(file, folder, permutations: "0");
                var withNull = Best(file, folder, permutations: null);
                Tell(compute, Compute(factor, plain, Warm(file, factor), DataTable(file)));
                Tell(whole, EndToEnd(factor, plain, withNull, Limit(file, folder)));
                File.Delete(file);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        if (page is not null)
        {
            File.WriteAllText(page.FullName, Page(compute.ToString(), whole.ToString()));
        }

        return 0;

        void Tell(StringBuilder table, string line)
        {
            table.AppendLine(line);
            output.WriteLine(line);
        }
    }

    /// <summary>One analysis in this process, for the process that measures it.</summary>
    public static int Once(FileInfo file, DirectoryInfo folder, int? permutations, TextWriter output)
    {
        var from = Stopwatch.GetTimestamp();
        var analysis = ShareAnalysis.Run(file.FullName, new() { TimeWindow = 60, Permutations = permutations });
        ShareFiles.Write(analysis, folder.FullName);
        var seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
        var peak = File.Exists("/proc/self/status")
            ? long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024
            : Process.GetCurrentProcess().PeakWorkingSet64;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{analysis.Shares} {analysis.Pairs} {ComputeCpu(analysis):0.00} {seconds:0.000} {Environment.CpuUsage.TotalTime.TotalSeconds:0.00} {peak} {analysis.Null?.Permutations ?? 0}"));
        return 0;
    }

    private readonly record struct Measured(int Rows, int Pairs, double ComputeCpu, double Seconds, double CpuSeconds, long Peak, int Permutations);

    private static double ComputeCpu(ShareAnalysis analysis) => analysis.Steps["pairs"].Cpu + analysis.Steps["network"].Cpu;

    private static string Compute(int factor, Measured cold, double warm, string dataTable)
    {
        var peer = PeerCpuSeconds.TryGetValue(factor, out var seconds) ? seconds * 1000 : (double?)null;
        return string.Create(CultureInfo.InvariantCulture,
            $"| {factor} | {cold.Rows} | {cold.Pairs} | {cold.ComputeCpu:0.0} | {warm:0.0} | {(peer is null ? "–" : $"{peer:0}")} | {(peer is null ? "–" : $"{peer / cold.ComputeCpu:0} / {peer / warm:0}")} | {dataTable} |");
    }

    private static string EndToEnd(int factor, Measured plain, Measured withNull, double limit) => string.Create(CultureInfo.InvariantCulture,
        $"| {factor} | {plain.Rows} | {plain.Seconds:0.00} | {plain.Rows / plain.Seconds:0} | {plain.Rows / plain.Seconds / ToolkitRowsPerSecond:0.0} | {plain.CpuSeconds:0.00} | {plain.Peak / 1e6:0} | {limit:0.00} | {withNull.Seconds:0.00} | {withNull.Rows / withNull.Seconds:0} | {withNull.Permutations} | {withNull.Peak / 1e6:0} |");

    /// <summary>The fastest of several processes; of the peaks the highest.</summary>
    private static Measured Best(string file, DirectoryInfo folder, string? permutations)
    {
        var runs = Enumerable.Range(0, Repetitions).Select(_ => Separately(file, folder, permutations)).ToList();
        return runs.MinBy(run => run.Seconds) with { ComputeCpu = runs.Min(run => run.ComputeCpu), CpuSeconds = runs.Min(run => run.CpuSeconds), Peak = runs.Max(run => run.Peak) };
    }

    private static double Warm(string file, int factor) =>
        Enumerable.Range(0, factor >= 100 ? 3 : 30).Min(_ => ComputeCpu(ShareAnalysis.Run(file, new() { TimeWindow = 60, Permutations = 0 })));

    /// <summary>What no analysis can beat: seconds to read the file, look at every byte for line ends, and write what the analysis wrote.</summary>
    private static double Limit(string file, DirectoryInfo folder)
    {
        var written = new DirectoryInfo(Path.Combine(folder.FullName, "out")).GetFiles().Sum(one => one.Length);
        var target = Path.Combine(folder.FullName, "limit.bin");
        var best = double.MaxValue;
        for (var i = 0; i < Repetitions; i++)
        {
            var from = Stopwatch.GetTimestamp();
            var bytes = File.ReadAllBytes(file);
            var lines = bytes.AsSpan().Count((byte)'\n');
            File.WriteAllBytes(target, new byte[written]);
            best = lines == 0 ? best : Math.Min(best, Stopwatch.GetElapsedTime(from).TotalSeconds);
        }

        File.Delete(target);
        return best;
    }

    /// <summary>CPU milliseconds that data.table takes for pairs and edges, where R and data.table are installed.</summary>
    private static string DataTable(string file)
    {
        try
        {
            var found = Started("Rscript", Path.Combine(AppContext.BaseDirectory, "pairs.R"), file);
            return found.Length == 3 ? $"{found[2]} ({found[0]} pairs)" : "–";
        }
        catch (Exception missing) when (missing is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            return "–";
        }
    }

    private static Measured Separately(string file, DirectoryInfo folder, string? permutations)
    {
        var values = Started(Environment.ProcessPath!, ["shares-once", file, Path.Combine(folder.FullName, "out"), .. permutations is null ? Array.Empty<string>() : ["--permutations", permutations]]);
        return new(int.Parse(values[0], CultureInfo.InvariantCulture), int.Parse(values[1], CultureInfo.InvariantCulture), double.Parse(values[2], CultureInfo.InvariantCulture),
            double.Parse(values[3], CultureInfo.InvariantCulture), double.Parse(values[4], CultureInfo.InvariantCulture), long.Parse(values[5], CultureInfo.InvariantCulture), int.Parse(values[6], CultureInfo.InvariantCulture));
    }

    private static string[] Started(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : throw new InvalidOperationException($"{program} failed.");
    }

    /// <summary>The same rows with other ids of the same form: of every id the first eight digits change with the repetition.</summary>
    private static void Repeat(string data, int factor, string file)
    {
        var lines = File.ReadAllLines(data);
        using var writer = new StreamWriter(file);
        writer.WriteLine(lines[0]);
        for (var repetition = 0; repetition < factor; repetition++)
        {
            foreach (var line in lines.AsSpan(1))
            {
                var fields = line.Split(',');
                for (var i = 0; i < 3; i++)
                {
                    var changed = uint.Parse(fields[i].AsSpan(0, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture) ^ ((uint)repetition * 0x9E3779B9);
                    writer.Write(changed.ToString("x8", CultureInfo.InvariantCulture));
                    writer.Write(fields[i].AsSpan(8));
                    writer.Write(',');
                }

                writer.WriteLine(fields[3]);
            }
        }
    }

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "not known";

    private static string Page(string compute, string whole) => $"""
        # Shares: speed and memory beside CooRTweet and the Coordination Network Toolkit

        `dotnet run -c Release --project bench/Poc.Campaigns.Bench -- shares --page bench/results/shares.md` with POC_COORDINATION_DATA naming the folder with `russian_coord_tweets.csv`
        (35,125 shares from the R package CooRTweet). 60 s, participation 2, compat mode: the mode whose files equal CooRTweet's to the last byte. {Environment.ProcessorCount} shared cores, .NET {Environment.Version};
        the load of the machine at the end was {Load()} (1 minute), so that a quiet machine may be faster. Larger files are the same shares repeated with other ids of the same form.

        ## Compute
        CPU milliseconds from rows that are in memory to the finished network, which is what the peer's figure covers. *First* is the only analysis of a process, the best of {Repetitions} processes: the steps
        are compiled while the file is read, and code is as it comes from the first compiler. *Warm* is the best of 30 (3 at one hundred times) in one process. CooRTweet took 21.4 CPU seconds, and
        1,110 for ten times the rows, on a machine of the same kind at another time. Beside them, in this run, an own script for R's data.table (`pairs.R`, one thread), which joins by time instead of
        making all pairs of an object as CooRTweet does; it applies neither the second look at participation nor the statistics of edges, hence more pairs. – where R is not installed.

        | times | rows | pairs | first, CPU ms | warm, CPU ms | CooRTweet, CPU ms | ratio first / warm | data.table in this run, CPU ms |
        | --- | --- | --- | --- | --- | --- | --- | --- |
        {compute}
        ## End to end
        A process of its own, from the opened file to all eight written files, the best of {Repetitions}; start of the runtime not counted in seconds, but in CPU seconds, which are those of the whole process on all cores.
        The peak is the highest VmHWM of these processes, in MB of 1,000,000 bytes. *Limit* is what no analysis can beat, measured in this run: the seconds to read the file, look at every byte for
        line ends, and write as many bytes as were written. The toolkit handled 29,000 rows a second end to end at 3.5 million.

        | times | rows | seconds | rows/s | of the toolkit's | CPU s | peak, MB | limit, s | with the null, s | rows/s | permutations | peak, MB |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        {whole}
        """;
}
