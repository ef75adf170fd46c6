using System.Collections.Frozen;

namespace Poc.Campaigns.Requests;

/// <summary>
/// Letters that look like a letter of another script, as in the confusables of Unicode Technical Standard 39, reduced to Latin, Cyrillic and Greek lower case. Used inside a word
/// that mixes scripts, or a word all of whose letters could be lookalikes in a text of the other script; honest words of either script stay as they are.
/// </summary>
internal static class Homoglyphs
{
    private static readonly FrozenDictionary<char, char> ToLatin = new Dictionary<char, char>
    {
        ['а'] = 'a',
        ['в'] = 'b',
        ['с'] = 'c',
        ['ԁ'] = 'd',
        ['е'] = 'e',
        ['ё'] = 'e',
        ['ғ'] = 'f',
        ['һ'] = 'h',
        ['н'] = 'h',
        ['і'] = 'i',
        ['ї'] = 'i',
        ['ј'] = 'j',
        ['к'] = 'k',
        ['ӏ'] = 'l',
        ['м'] = 'm',
        ['п'] = 'n',
        ['о'] = 'o',
        ['р'] = 'p',
        ['ԛ'] = 'q',
        ['г'] = 'r',
        ['ѕ'] = 's',
        ['т'] = 't',
        ['ц'] = 'u',
        ['ѵ'] = 'v',
        ['ԝ'] = 'w',
        ['х'] = 'x',
        ['у'] = 'y',
        ['ү'] = 'y',
        ['α'] = 'a',
        ['β'] = 'b',
        ['ε'] = 'e',
        ['η'] = 'n',
        ['ι'] = 'i',
        ['κ'] = 'k',
        ['ν'] = 'v',
        ['ο'] = 'o',
        ['ρ'] = 'p',
        ['τ'] = 't',
        ['υ'] = 'u',
        ['χ'] = 'x',
        ['ω'] = 'w',
        ['γ'] = 'y',
        ['ı'] = 'i',
        ['ɡ'] = 'g',
        ['ɑ'] = 'a',
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<char, char> ToCyrillic = new Dictionary<char, char>
    {
        ['a'] = 'а',
        ['b'] = 'в',
        ['c'] = 'с',
        ['e'] = 'е',
        ['h'] = 'н',
        ['k'] = 'к',
        ['m'] = 'м',
        ['n'] = 'п',
        ['o'] = 'о',
        ['p'] = 'р',
        ['r'] = 'г',
        ['t'] = 'т',
        ['u'] = 'и',
        ['x'] = 'х',
        ['y'] = 'у',
        ['i'] = 'і',
        ['j'] = 'ј',
        ['s'] = 'ѕ',
        ['α'] = 'а',
        ['ε'] = 'е',
        ['κ'] = 'к',
        ['ο'] = 'о',
        ['ρ'] = 'р',
        ['τ'] = 'т',
        ['χ'] = 'х',
        ['υ'] = 'у',
        ['ν'] = 'у',
    }.ToFrozenDictionary();

    // Of all letters up to the end of Cyrillic; asked for every letter of every text.
    private static readonly bool[] Telling = [.. Enumerable.Range(0, 0x530).Select(static letter => (char)letter)
        .Select(static letter => IsCyrillic(letter) ? !ToLatin.ContainsKey(letter) : IsLatin(letter) && !ToCyrillic.ContainsKey(letter))];

    internal static bool IsLatin(char letter) => letter is >= 'a' and <= 'z' or >= '\u00df' and <= '\u024f';

    internal static bool IsCyrillic(char letter) => letter is >= '\u0400' and <= '\u052f';

    /// <summary>Whether the letter is of its script alone: nobody would put it into a text of the other to deceive.</summary>
    internal static bool IsTelling(char letter) => letter < Telling.Length && Telling[letter];

    private static bool IsGreek(char letter) => letter is >= '\u0370' and <= '\u03ff';

    /// <summary>The word with lookalikes turned into the letters they imitate.</summary>
    /// <param name="word">In lower case.</param>
    /// <param name="cyrillicText">Whether the text around it is written in Cyrillic rather than Latin.</param>
    internal static string Resolve(string word, bool cyrillicText)
    {
        var (latin, cyrillic, greek, digits) = (0, 0, 0, 0);
        foreach (var letter in word)
        {
            latin += IsLatin(letter) ? 1 : 0;
            cyrillic += IsCyrillic(letter) ? 1 : 0;
            greek += IsGreek(letter) ? 1 : 0;
            digits += char.IsAsciiDigit(letter) ? 1 : 0;
        }

        var scripts = (latin > 0 ? 1 : 0) + (cyrillic > 0 ? 1 : 0) + (greek > 0 ? 1 : 0);
        if (scripts > 1)
        {
            var (toCyrillic, toLatin) = (AllMap(word, true), AllMap(word, false));
            // Where the word could be either, the text around it decides; where neither fits, the script of most of its letters.
            return Map(word, toCyrillic != toLatin ? toCyrillic : toCyrillic || cyrillic == latin ? cyrillicText : cyrillic > latin);
        }

        var foreign = cyrillicText ? latin : cyrillic;
        return foreign > 1 && foreign + digits == word.Length && AllMap(word, cyrillicText) ? Map(word, cyrillicText) : word;
    }

    private static bool AllMap(string word, bool toCyrillic)
    {
        var table = toCyrillic ? ToCyrillic : ToLatin;
        foreach (var letter in word)
        {
            if (!char.IsAsciiDigit(letter) && !(toCyrillic ? IsCyrillic(letter) : IsLatin(letter)) && !table.ContainsKey(letter))
            {
                return false;
            }
        }

        return true;
    }

    private static string Map(string word, bool toCyrillic) => string.Create(word.Length, (word, toCyrillic), static (to, from) =>
    {
        var table = from.toCyrillic ? ToCyrillic : ToLatin;
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = table.GetValueOrDefault(from.word[i], from.word[i]);
        }
    });
}
