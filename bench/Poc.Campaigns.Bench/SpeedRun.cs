using System.Diagnostics;
using Poc.Campaigns.Requests;
using Poc.Kernel.Text;

namespace Poc.Campaigns.Bench;

/// <summary>What one core does. The peer figure, about 490 signatures a second of CPU, is datasketch's MinHash of 128 permutations over letters of this length, measured on the same machine before.</summary>
internal static class SpeedRun
{
    internal const double Datasketch = 490;

    internal static void Run(TextWriter output)
    {
        var (letters, templates) = CampaignGenerator.Make(new GeneratorSettings(100));
        var fingerprinter = new Fingerprinter(new DeclaredTemplates(templates));
        var shingles = letters.Select(static one => Fingerprinter.Shingles(LetterText.Of(one.Request.Text, one.Request.Urls), masked: true).ToArray()).Where(static set => set.Length > 0).ToList();
        Measure(output, "MinHash signatures from shingles", shingles.Count, () => shingles.ForEach(static set => MinHash.Sign(set)), Datasketch);
        Measure(output, "signatures from text (normalise, shingle, sign)", letters.Count, () => letters.ForEach(static one =>
        {
            var set = Fingerprinter.Shingles(LetterText.Of(one.Request.Text, []), masked: true);
            MinHash.Sign([.. set]);
        }), Datasketch);
        Measure(output, "whole fingerprints with templates", letters.Count, () => letters.ForEach(one => fingerprinter.Of(one.Request)), Datasketch);

        var prints = letters.Select(one => fingerprinter.Of(one.Request)).ToList();
        var baseline = new Baseline();
        prints.ForEach(baseline.Observe);
        baseline.Learn();
        Measure(output, "detection (fingerprint in, cluster out)", letters.Count, () =>
        {
            var detector = new CampaignDetector(baseline);
            prints.ForEach(detector.Add);
            detector.Settle();
        }, null);
        output.WriteLine($"{shingles.Average(static set => set.Length):0} shingles a letter, {letters.Average(static one => one.Request.Text.Length):0} characters");
    }

    private static void Measure(TextWriter output, string what, int count, Action work, double? peer)
    {
        work();
        var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var rounds = 0;
        var watch = Stopwatch.StartNew();
        do
        {
            work();
            rounds++;
        }
        while (watch.Elapsed < TimeSpan.FromSeconds(2));

        process.Refresh();
        var rate = count * rounds / (process.TotalProcessorTime - before).TotalSeconds;
        output.WriteLine($"{what}: {rate:N0} a CPU second{(peer is null ? "" : $", {rate / peer:N0} times the peer")}");
    }
}
