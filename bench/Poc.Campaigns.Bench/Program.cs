using System.Diagnostics;
using System.Globalization;
using Poc.Campaigns.Bench;
using Poc.Campaigns.Requests;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var seeds = args[0].Split(',').Select(int.Parse);
foreach (var seed in seeds)
{
    var watch = Stopwatch.StartNew();
    var (letters, templates) = CampaignGenerator.Make(new GeneratorSettings(seed));
    var result = Accuracy.Measure(letters, templates);
    Console.WriteLine($"seed {seed} style {seed % 4} n {letters.Count} {watch.Elapsed.TotalSeconds:0.0}s {result}");
    Console.WriteLine("   missed: " + string.Join(' ', result.Missed) + "  | false: " + string.Join(' ', result.FalseKinds.Select(p => p.Key + ":" + p.Value)));
}
