using System.Text;

namespace Poc.Campaigns.Bench;

/// <summary>
/// A way of writing letters. Four ways that have little in common, so that nothing is tuned to one: a slot grammar, a bank of ready sentences, a large invented vocabulary by frequency, and
/// a mixture. A base letter is a list of sentences; the same seed in another language is its translation (in the invented vocabulary it shares nothing but names, numbers and links).
/// </summary>
internal sealed class LetterStyle
{
    private readonly int kind;
    private readonly string[][] bank;
    private readonly string[][] vocabulary;
    private readonly int shortest;
    private readonly int longest;

    internal LetterStyle(Random random, int kind)
    {
        this.kind = kind;
        shortest = random.Next(3, 6);
        longest = shortest + random.Next(3, 7);
        bank = [.. Enumerable.Range(0, 3).Select(_ => new string[random.Next(120, 320)])];
        for (var i = 0; i < bank[0].Length; i++)
        {
            var seed = random.Next();
            for (var language = 0; language < 3; language++)
            {
                if (i < bank[language].Length)
                {
                    bank[language][i] = Join(GrammarSentence(new Random(seed), language), GrammarSentence(new Random(seed + 1), language), language);
                }
            }
        }

        for (var language = 1; language < 3; language++)
        {
            bank[language] = [.. bank[language].Select(sentence => sentence ?? GrammarSentence(random, language))];
        }

        vocabulary = [.. Enumerable.Range(0, 3).Select(language => Vocabulary(random, language))];
    }

    internal string[] Letter(int seed, int language)
    {
        var random = new Random(seed);
        var count = random.Next(shortest, longest + 1);
        return [.. Enumerable.Range(0, count).Select(_ => Sentence(new Random(random.Next()), language))];
    }

    internal string Sentence(Random random, int language) => kind switch
    {
        0 => GrammarSentence(random, language),
        1 => bank[language][random.Next(bank[0].Length) % bank[language].Length],
        2 => InventedSentence(random, language),
        _ => random.Next(3) switch
        {
            0 => bank[language][random.Next(bank[0].Length) % bank[language].Length],
            1 => GrammarSentence(random, language),
            _ => InventedSentence(random, language),
        },
    };

    internal string Word(Random random, int language) =>
        kind >= 2 ? Zipf(random, vocabulary[language]) : random.Next(2) == 0 ? Pick(random, SyntheticWords.Nouns[language]) : Pick(random, SyntheticWords.Adjectives[language]);

    internal static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];

    private static string Join(string one, string other, int language) => one + (language == 1 ? ", и " : language == 2 ? ", y " : ", and ") + other;

    private static string GrammarSentence(Random random, int language)
    {
        var pattern = SyntheticWords.Patterns[language][random.Next(SyntheticWords.Patterns[0].Length)];
        var filled = new StringBuilder();
        // Fillings by kind from generators of their own: a pattern that orders its slots otherwise still gets the same words.
        var byKind = new Dictionary<char, Random> { ['n'] = new(random.Next()), ['v'] = new(random.Next()), ['a'] = new(random.Next()), ['d'] = new(random.Next()) };
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '{')
            {
                filled.Append(pattern[i]);
                continue;
            }

            var slot = pattern[i + 1];
            var words = slot switch { 'n' => SyntheticWords.Nouns, 'v' => SyntheticWords.Verbs, 'a' => SyntheticWords.Adjectives, _ => SyntheticWords.Adverbs };
            filled.Append(Pick(byKind[slot], words[language]));
            i += 2;
        }

        return filled.ToString();
    }

    private string InventedSentence(Random random, int language)
    {
        var length = random.Next(7, 19);
        return string.Join(' ', Enumerable.Range(0, length).Select(_ => Zipf(random, vocabulary[language])));
    }

    private static string Zipf(Random random, string[] words) => words[Math.Min(words.Length - 1, (int)Math.Exp(random.NextDouble() * Math.Log(words.Length)) - 1)];

    private static string[] Vocabulary(Random random, int language)
    {
        var (onsets, vowels) = language == 1 ? ("бвгджзклмнпрстфхцчш", "аеиоуыя") : ("bcdfghjklmnprstvz", "aeiou");
        var words = new HashSet<string>();
        while (words.Count < 4_000)
        {
            var word = new StringBuilder();
            for (var syllable = 0; syllable < 1 + (words.Count < 60 ? 0 : random.Next(1, 4)); syllable++)
            {
                word.Append(onsets[random.Next(onsets.Length)]).Append(vowels[random.Next(vowels.Length)]);
                if (random.Next(4) == 0)
                {
                    word.Append(onsets[random.Next(onsets.Length)]);
                }
            }

            words.Add(word.ToString());
        }

        return [.. words];
    }
}
