using System.Globalization;
using Poc.Campaigns.Requests;

namespace Poc.Campaigns.Bench;

/// <summary>A generated request and what it really is.</summary>
/// <param name="Request">As the detector gets it.</param>
/// <param name="Kind"><c>organic</c>, <c>news</c>, <c>boilerplate</c>, <c>declared</c>, or the kind of campaign.</param>
/// <param name="Campaign">Which campaign it is planted for, or null.</param>
internal sealed record Generated(CampaignRequest Request, string Kind, string? Campaign);

/// <summary>What to generate. The defaults are the benchmark's description.</summary>
internal sealed record GeneratorSettings(int Seed)
{
    internal int Days { get; init; } = 60;

    internal double PerDay { get; init; } = 200;

    /// <summary>The way of writing, 0 to 3; below 0 the seed decides.</summary>
    internal int Style { get; init; } = -1;

    /// <summary>Share of campaign letters with lookalike letters, invisible characters or a swapped word.</summary>
    internal double Evasion { get; init; }

    /// <summary>Share of the 24 campaigns that are really planted.</summary>
    internal double Prevalence { get; init; } = 1;
}

/// <summary>Sixty days of letters with planted campaigns; everything follows from the seed. All of it is synthetic.</summary>
internal sealed class CampaignGenerator
{
    internal static readonly string[] Kinds = ["copy", "paraphrase", "merge", "translated", "url", "staggered"];
    internal static readonly int[] Sizes = [8, 20, 50, 150];
    private const long Start = 1_609_459_200;
    private const long Day = 86_400;

    private readonly GeneratorSettings settings;
    private readonly Random random;
    private readonly LetterStyle style;
    private readonly List<Generated> made = [];
    private readonly string[] sites;
    private int accounts;

    private CampaignGenerator(GeneratorSettings settings)
    {
        this.settings = settings;
        random = new Random(settings.Seed * 7919 + 17);
        style = new LetterStyle(random, settings.Style >= 0 ? settings.Style : settings.Seed % 4);
        sites = [.. Enumerable.Range(0, 12).Select(i => $"news{i}.example")];
    }

    internal List<DeclaredTemplate> Templates { get; } = [];

    internal static (List<Generated> Letters, List<DeclaredTemplate> Templates) Make(GeneratorSettings settings)
    {
        var generator = new CampaignGenerator(settings);
        generator.Run();
        var letters = generator.made.OrderBy(static one => one.Request.At).ThenBy(static one => one.Request.Id, StringComparer.Ordinal)
            .Select(static (one, i) => one with { Request = one.Request with { Id = string.Create(CultureInfo.InvariantCulture, $"r{i:D6}") } }).ToList();
        return (letters, generator.Templates);
    }

    private void Run()
    {
        Organic();
        News();
        Boilerplate();
        Declared();
        foreach (var kind in Kinds)
        {
            foreach (var size in Sizes)
            {
                if (random.NextDouble() < settings.Prevalence)
                {
                    Plant(kind, size);
                }
            }
        }
    }

    private void Organic()
    {
        var links = Enumerable.Range(0, 40).Select(i => $"https://{sites[i % sites.Length]}/{2010 + i % 11}/page-{i}").ToArray();
        for (var day = 0; day < settings.Days; day++)
        {
            var expected = settings.PerDay * (day % 7 >= 5 ? 0.6 : 1.16);
            var count = (int)(expected + Normal() * Math.Sqrt(expected));
            for (var i = 0; i < count; i++)
            {
                var language = random.Next(3);
                string[] urls = random.NextDouble() < 0.1 ? [LetterStyle.Pick(random, links)] : random.NextDouble() < 0.03 ? [$"https://site{random.Next(100_000)}.example/p"] : [];
                Add(Start + day * Day + TimeOfDay(), language, Personal(style.Letter(random.Next(), language), language), urls, "organic", null);
            }
        }
    }

    private void News()
    {
        for (var burst = 0; burst < 12; burst++)
        {
            var at = Start + random.NextInt64((settings.Days - 4) * Day);
            var url = $"https://{(random.Next(2) == 0 ? LetterStyle.Pick(random, sites) : $"paper{burst}.example")}/story-{burst}";
            var quotations = Enumerable.Range(0, 3).Select(language => "\"" + Sentence(language) + ", " + Sentence(language) + "\"").ToArray();
            var mean = (6 + random.NextDouble() * 18) * 3_600;
            var size = random.Next(15, 80);
            for (var i = 0; i < size; i++)
            {
                var language = random.Next(3);
                var letter = style.Letter(random.Next(), language).ToList();
                if (random.NextDouble() < 0.35)
                {
                    letter.Insert(random.Next(letter.Count), quotations[language]);
                }

                Add(at + (long)Math.Min(-mean * Math.Log(1 - random.NextDouble()), 4 * Day), language, Personal([.. letter], language), [url], "news", null);
            }
        }
    }

    private void Boilerplate()
    {
        for (var organisation = 0; organisation < 8; organisation++)
        {
            var language = random.Next(3);
            var fixedPart = style.Letter(random.Next(), language);
            var count = random.Next(30, 90);
            for (var i = 0; i < count; i++)
            {
                var own = style.Letter(random.Next(), language).Take(random.Next(1, 4));
                Add(Start + random.NextInt64(settings.Days * Day), language, Personal([.. own, .. fixedPart], language), [], "boilerplate", null, $"org-{organisation}");
            }
        }
    }

    private void Declared()
    {
        for (var template = 0; template < 6; template++)
        {
            var language = template % 3;
            var sentences = style.Letter(random.Next(), language);
            Templates.Add(new DeclaredTemplate($"template-{template}", string.Join(". ", ["{greeting}", .. sentences.Select(Capital), "{name}, {city}"])));
            var bursty = random.Next(2) == 0;
            var at = Start + random.NextInt64((settings.Days - 3) * Day);
            for (var i = 0; i < 40; i++)
            {
                List<string> letter = [.. sentences];
                if (random.Next(3) == 0)
                {
                    letter.Add(Sentence(language));
                }

                Add(bursty ? at + random.NextInt64(2 * Day) : Start + random.NextInt64(settings.Days * Day), language, Personal([.. letter], language), [], "declared", null);
            }
        }
    }

    private void Plant(string kind, int size)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{kind}-{size}");
        var hours = kind switch { "copy" => 3, "paraphrase" or "merge" => 12, "translated" => 24, "url" => 8, _ => 14 * 24 };
        var at = Start + random.NextInt64(settings.Days * Day - hours * 3_600L);
        var language = random.Next(3);
        var seed = random.Next();
        var link = random.Next(2) == 0 || kind == "url" ? $"https://{name}-{settings.Seed}.example/{random.Next(1_000)}" : null;
        var number = random.Next(100, 10_000).ToString(CultureInfo.InvariantCulture);
        var anchored = random.Next(4) != 0;
        for (var i = 0; i < size; i++)
        {
            var mine = kind == "translated" ? random.Next(3) : language;
            var letter = kind == "url" ? style.Letter(random.Next(), mine) : style.Letter(seed, mine);
            var text = kind switch
            {
                "paraphrase" => Personal(Paraphrase(letter, mine, 0.12 + 0.18 * random.NextDouble()), mine),
                "merge" => Merge(letter, mine, seed),
                "translated" => Personal(Paraphrase(anchored ? [.. letter, Numbered(number, mine)] : letter, mine, 0.05), mine),
                "staggered" => Personal(Paraphrase(letter, mine, 0.08), mine),
                "copy" => Personal(letter, mine, plain: random.Next(2) == 0),
                _ => Personal(letter, mine),
            };
            Add(at + random.NextInt64(hours * 3_600L), mine, Evade(text, mine), link is null ? [] : [Decorated(link)], kind, name);
        }
    }

    private string[] Paraphrase(string[] letter, int language, double rate)
    {
        var sentences = letter.Select(sentence => string.Join(' ', sentence.Split(' ').Select(word => random.NextDouble() < rate ? style.Word(random, language) : word))).ToList();
        if (rate > 0.1)
        {
            for (var i = sentences.Count - 1; i > 0; i--)
            {
                var j = random.Next(i + 1);
                (sentences[i], sentences[j]) = (sentences[j], sentences[i]);
            }

            if (sentences.Count > 3 && random.Next(2) == 0)
            {
                sentences.RemoveAt(random.Next(sentences.Count));
            }
        }

        return [.. sentences];
    }

    private string Merge(string[] letter, int language, int seed)
    {
        var introduction = string.Format(CultureInfo.InvariantCulture, SyntheticWords.Introductions[language][seed % 2],
            Name(language), LetterStyle.Pick(random, SyntheticWords.Cities[language]), seed % 2 == 0 ? random.Next(18, 90) : random.Next(1970, 2020));
        return Personal([introduction.TrimEnd('.'), .. letter.Take(3 + seed % 3)], language);
    }

    private static string Numbered(string number, int language) => language switch { 0 => $"remember case {number}", 1 => $"помните о деле {number}", _ => $"recuerden el caso {number}" };

    private string Personal(string[] sentences, int language, bool plain = false)
    {
        var body = string.Join(' ', sentences.Select(sentence => Capital(sentence) + (random.Next(12) == 0 ? "!" : ".")));
        if (plain)
        {
            return body;
        }

        var greeting = string.Format(CultureInfo.InvariantCulture, LetterStyle.Pick(random, SyntheticWords.Greetings[language]), Name(language));
        var closing = string.Format(CultureInfo.InvariantCulture, LetterStyle.Pick(random, SyntheticWords.Closings[language]), Name(language));
        return (greeting + "\n" + body + "\n" + closing).Trim();
    }

    private string Evade(string text, int language)
    {
        if (random.NextDouble() >= settings.Evasion)
        {
            return text;
        }

        return random.Next(3) switch
        {
            0 => string.Concat(text.Select(letter => random.Next(12) == 0 ? letter + "\u200b" : letter.ToString())),
            1 when language == 1 => string.Concat(text.Select(letter => random.Next(3) == 0 ? Lookalike(letter, "аеорсх", "aeopcx") : letter)),
            1 => string.Concat(text.Select(letter => random.Next(3) == 0 ? Lookalike(letter, "aeopcx", "аеорсх") : letter)),
            _ => string.Join(' ', text.Split(' ').Select(word => random.Next(10) == 0 ? word.ToUpperInvariant() : word)),
        };
    }

    private static char Lookalike(char letter, string from, string to) => from.IndexOf(letter, StringComparison.Ordinal) is >= 0 and var at ? to[at] : letter;

    private string Decorated(string link) => random.Next(4) switch { 0 => link + "?utm_source=x" + random.Next(9), 1 => link.Replace("https://", "http://www.", StringComparison.Ordinal), 2 => link + "#top", _ => link };

    private void Add(long at, int language, string text, string[] urls, string kind, string? campaign, string organisation = "")
    {
        var account = organisation.Length > 0 ? organisation + "-desk" : string.Create(CultureInfo.InvariantCulture, $"a{accounts++}");
        made.Add(new Generated(new CampaignRequest(made.Count.ToString("D6", CultureInfo.InvariantCulture), at, account, organisation, SyntheticWords.Languages[language], text, urls), kind, campaign));
    }

    private string Sentence(int language) => style.Sentence(new Random(random.Next()), language);

    private string Name(int language) => LetterStyle.Pick(random, SyntheticWords.FirstNames[language]) + " " + LetterStyle.Pick(random, SyntheticWords.Surnames[language]);

    private static string Capital(string sentence) => sentence.Length == 0 ? sentence : char.ToUpperInvariant(sentence[0]) + sentence[1..];

    private long TimeOfDay()
    {
        // By rejection: few at night, most around two in the afternoon.
        while (true)
        {
            var second = random.NextInt64(Day);
            if (random.NextDouble() < 0.55 - 0.45 * Math.Cos((second / (double)Day - 0.08) * 2 * Math.PI))
            {
                return second;
            }
        }
    }

    private double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
