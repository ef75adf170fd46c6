using System.Globalization;
using Poc.Campaigns.Requests;

namespace Poc.Campaigns.Tests.Requests;

/// <summary>A quiet stream of synthetic letters with nothing in common, to plant things in.</summary>
internal sealed class InventedLetters
{
    internal const long Start = 1_609_459_200;
    internal const long Day = 86_400;
    internal const long Hour = 3_600;

    private static readonly string[] Words = Vocabulary();
    private readonly Random random;
    private readonly List<CampaignRequest> letters = [];

    internal InventedLetters(int seed, int days = 40, int perDay = 60)
    {
        random = new Random(seed);
        for (var i = 0; i < days * perDay; i++)
        {
            Add(Start + random.NextInt64(days * Day), Letter(), language: i % 3 == 0 ? "ru" : "en");
        }
    }

    internal IEnumerable<CampaignRequest> InOrder => letters.OrderBy(static letter => letter.At).ThenBy(static letter => letter.Id, StringComparer.Ordinal);

    internal string Letter(int sentences = 6) => string.Join(' ', Enumerable.Range(0, sentences).Select(_ => Sentence()));

    internal string Sentence()
    {
        var text = string.Join(' ', Enumerable.Range(0, random.Next(8, 14)).Select(_ => Words[(int)(Math.Pow(random.NextDouble(), 2) * Words.Length)]));
        return char.ToUpperInvariant(text[0]) + text[1..] + ".";
    }

    internal string Add(long at, string text, string url = "", string organisation = "", string language = "en")
    {
        var id = letters.Count.ToString("D6", CultureInfo.InvariantCulture);
        letters.Add(new CampaignRequest(id, at, organisation.Length > 0 ? "desk" : "account-" + id, organisation, language, text, url.Length > 0 ? [url] : []));
        return id;
    }

    internal List<string> Burst(int count, long at, long seconds, Func<int, string> text, string url = "", string organisation = "", Func<int, string>? language = null) =>
        [.. Enumerable.Range(0, count).Select(i => Add(at + seconds * i / count, text(i), url, organisation, language?.Invoke(i) ?? "en"))];

    internal List<Campaign> Campaigns(DeclaredTemplates? templates = null)
    {
        var fingerprinter = new Fingerprinter(templates ?? DeclaredTemplates.None);
        var prints = InOrder.Select(fingerprinter.Of).ToList();
        var baseline = new Baseline();
        prints.ForEach(baseline.Observe);
        baseline.Learn();
        var detector = new CampaignDetector(baseline);
        prints.ForEach(detector.Add);
        detector.Settle();
        return [.. detector.Campaigns];
    }

    private static string[] Vocabulary()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 3_000).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 4)).Select(_ => $"{"bcdfglmnprstv"[random.Next(13)]}{"aeiou"[random.Next(5)]}"))).Distinct()];
    }
}
