using System.Diagnostics;
using System.Globalization;
using System.Text;
using Poc.Campaigns.Shares;

namespace Poc.Campaigns.Bench;

/// <summary>
/// Speed and memory of the analysis of shares beside the figures of two known tools. Larger files are the same shares again and again with other ids, so that every object, account and
/// burst keeps its shape. The end-to-end figures are those of a process of its own.
/// </summary>
internal static class SharesRun
{
    // CooRTweet 2.1.3 (CPU seconds for this data and for ten times that) and the Coordination Network Toolkit (rows a second end to end at 3.5 million), as measured on two shared cores.
    private static readonly Dictionary<int, double> PeerCpuSeconds = new() { [1] = 21.4, [10] = 1110 };
    private const double ToolkitRowsPerSecond = 29_000;

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

        var text = new StringBuilder();
        text.AppendLine("| times | rows | pairs | compute first / best, ms | CooRTweet, CPU ms | ratio first / best | end to end without null, s | rows/s | of the toolkit's | peak RSS, MB | with the null, s (permutations) |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        var folder = Directory.CreateTempSubdirectory("poc-shares-bench-");
        try
        {
            foreach (var factor in factors)
            {
                var line = Measure(Path.Combine(data, "russian_coord_tweets.csv"), factor, folder);
                text.AppendLine(line);
                output.WriteLine(line);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        if (page is not null)
        {
            File.WriteAllText(page.FullName, Page(text.ToString()));
        }

        return 0;
    }

    /// <summary>One analysis in this process, for the process that measures it.</summary>
    public static int Once(FileInfo file, DirectoryInfo folder, int? permutations, TextWriter output)
    {
        var from = Stopwatch.GetTimestamp();
        var analysis = ShareAnalysis.Run(file.FullName, new() { TimeWindow = 60, Permutations = permutations });
        ShareFiles.Write(analysis, folder.FullName);
        var seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
        var peak = File.Exists("/proc/self/status")
            ? long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0
            : Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{analysis.Shares} {analysis.Pairs} {analysis.Milliseconds["pairs"] + analysis.Milliseconds["network"]:0.0} {seconds:0.000} {peak:0} {analysis.Null?.Permutations ?? 0}"));
        return 0;
    }

    private static string Measure(string data, int factor, DirectoryInfo folder)
    {
        var file = Path.Combine(folder.FullName, $"x{factor}.csv");
        Repeat(data, factor, file);
        var plain = Separately(file, folder, "0");
        var null19 = Separately(file, folder, null);
        var best = Best(file, factor >= 100 ? 3 : 20);
        var first = double.Parse(plain[2], CultureInfo.InvariantCulture);
        var seconds = double.Parse(plain[3], CultureInfo.InvariantCulture);
        var rows = int.Parse(plain[0], CultureInfo.InvariantCulture);
        var peer = PeerCpuSeconds.TryGetValue(factor, out var cpu) ? cpu * 1000 : (double?)null;
        return string.Create(CultureInfo.InvariantCulture,
            $"| {factor} | {rows} | {plain[1]} | {first:0.0} / {best:0.0} | {(peer is null ? "–" : $"{peer:0}")} | {(peer is null ? "–" : $"{peer / first:0} / {peer / best:0}")} | {seconds:0.00} | {rows / seconds:0} | {rows / seconds / ToolkitRowsPerSecond:0.0} | {plain[4]} | {null19[3]} ({null19[5]}) |");
    }

    private static double Best(string file, int times)
    {
        var best = double.MaxValue;
        for (var i = 0; i < times; i++)
        {
            var steps = ShareAnalysis.Run(file, new() { TimeWindow = 60, Permutations = 0 }).Milliseconds;
            best = Math.Min(best, steps["pairs"] + steps["network"]);
        }

        return best;
    }

    private static string[] Separately(string file, DirectoryInfo folder, string? permutations)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        string[] arguments = ["shares-once", file, Path.Combine(folder.FullName, "out"), .. permutations is null ? Array.Empty<string>() : ["--permutations", permutations]];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) : throw new InvalidOperationException("The measured process failed.");
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

    private static string Page(string table) => $"""
        # Shares: speed and memory beside CooRTweet and the Coordination Network Toolkit

        `dotnet run -c Release --project bench/Poc.Campaigns.Bench -- shares --page bench/results/shares.md` with POC_COORDINATION_DATA naming the folder with `russian_coord_tweets.csv`
        (35,125 shares from the R package CooRTweet). 60 s, participation 2, compat mode: the mode whose files equal CooRTweet's to the last byte. {Environment.ProcessorCount} shared cores, .NET {Environment.Version}.

        Larger files are the same shares repeated with other ids of the same form. *Compute* is what the peer's figure covers: pairs and network of rows that are in memory; *first* in a fresh process
        with everything still to be compiled, *best* of several in one process. *End to end* runs in a process of its own from the opened file to all eight written files; start of the runtime not counted.
        Wall-clock times: the load of the machine while measuring was {Load()}, on {Environment.ProcessorCount} cores, so that a quiet machine is faster by about that ratio.
        CooRTweet took 21.4 CPU seconds and 1,110 for ten times the rows, the toolkit handled 29,000 rows a second end to end at 3.5 million, on machines of the same kind at another time.

        {table}
        """;
}
