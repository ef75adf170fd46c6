using System.Diagnostics;
using System.Text;

namespace Poc.Campaigns.Bench;

/// <summary>Measures accuracy on several seeds and writes the table.</summary>
internal static class AccuracyRun
{
    private static readonly string[] Styles = ["slot grammar", "bank of sentences", "invented vocabulary", "mixture"];

    internal static void Run(int[] seeds, double evasion, double prevalence, FileInfo? page, bool diagnose, TextWriter output)
    {
        var table = new StringBuilder("| seed | way of writing | requests | F1 | precision | recall | false alarms /1,000 | campaigns found | declared templates flagged | missed |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        var results = new List<AccuracyResult>();
        foreach (var seed in seeds)
        {
            var watch = Stopwatch.StartNew();
            var (letters, templates) = CampaignGenerator.Make(new GeneratorSettings(seed) { Evasion = evasion, Prevalence = prevalence });
            var result = Accuracy.Measure(letters, templates, diagnose ? output : null);
            results.Add(result);
            output.WriteLine($"seed {seed} style {seed % 4} n {letters.Count} {watch.Elapsed.TotalSeconds:0.0} s {result} | missed {string.Join(' ', result.Missed)} | false {string.Join(' ', result.FalseKinds.Select(static pair => pair.Key + ":" + pair.Value))}");
            table.AppendLine($"| {seed} | {Styles[seed % 4]} | {letters.Count} | {result.F1:0.000} | {result.Precision:0.000} | {result.Recall:0.000} | {result.FalsePerThousand:0.00} | {result.Found} of {result.Planted} | {result.DeclaredFlagged:P1} | {string.Join(' ', result.Missed.Select(static one => one.Split('(')[0]))} |");
        }

        table.AppendLine($"| all | | | {results.Average(static one => one.F1):0.000} | {results.Average(static one => one.Precision):0.000} | {results.Average(static one => one.Recall):0.000} | {results.Average(static one => one.FalsePerThousand):0.00} | {results.Sum(static one => one.Found)} of {results.Sum(static one => one.Planted)} | {results.Average(static one => one.DeclaredFlagged):P1} | |");
        var byKind = ByKind(results);
        output.WriteLine(table);
        output.WriteLine(byKind);
        if (page is not null)
        {
            File.WriteAllText(page.FullName, table + "\n" + byKind);
        }
    }

    // Share of seeds in which the campaign was found, its requests flagged, and the hours from its first letter until it was raised.
    private static string ByKind(List<AccuracyResult> results)
    {
        var table = new StringBuilder("| campaign | " + string.Join(" | ", CampaignGenerator.Sizes.Select(static size => $"{size} requests")) + " |\n| --- | --- | --- | --- | --- |\n");
        foreach (var kind in CampaignGenerator.Kinds)
        {
            table.Append("| " + kind + " |");
            foreach (var size in CampaignGenerator.Sizes)
            {
                var name = $"{kind}-{size}";
                var planted = results.Where(one => one.RecallOf.ContainsKey(name)).ToList();
                var delays = planted.Where(one => one.DelayHours.ContainsKey(name)).Select(one => one.DelayHours[name]).Order().ToList();
                table.Append(planted.Count == 0 ? " |" : $" {delays.Count} of {planted.Count}, {planted.Average(one => one.RecallOf[name]):P0} of requests{(delays.Count == 0 ? "" : $", after {delays[delays.Count / 2]:0.0} h")} |");
            }

            table.AppendLine();
        }

        return table.ToString();
    }
}
