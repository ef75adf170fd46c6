using System.Text;

namespace Poc.Campaigns.Requests;

/// <summary>
/// A name's consonant skeleton in Latin letters, equal for most spellings of one name across scripts and cases: Навальный, Navalny and Navalni give one skeleton. For finding candidates, never for identity.
/// </summary>
internal static class Transliteration
{
    private const string Cyrillic = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґ";
    private static readonly string[] Latin =
    [
        "a", "b", "v", "g", "d", "e", "z", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "h", "c", "c", "s", "s", "", "i", "", "e", "u", "a", "e", "i", "i", "e", "g",
    ];

    /// <summary>The skeleton; empty where fewer than four consonants are left to tell names apart.</summary>
    internal static string Skeleton(string name)
    {
        var latin = new StringBuilder(name.Length);
        foreach (var letter in name)
        {
            var at = Cyrillic.IndexOf(letter, StringComparison.Ordinal);
            latin.Append(at < 0 ? letter.ToString() : Latin[at]);
        }

        latin.Replace("shch", "s").Replace("sch", "s").Replace("sh", "s").Replace("zh", "z").Replace("kh", "h").Replace("ts", "c").Replace("tch", "c").Replace("ch", "c").Replace("ph", "f").Replace("th", "t");
        latin.Replace("w", "v").Replace("q", "k").Replace("x", "ks").Replace("j", "h").Replace("y", "i");

        var bones = new StringBuilder(latin.Length);
        for (var i = 0; i < latin.Length; i++)
        {
            var letter = latin[i];
            if (letter is 'a' or 'e' or 'i' or 'o' or 'u' || bones.Length > 0 && bones[^1] == letter)
            {
                continue;
            }

            bones.Append(letter);
        }

        // Endings differ by case and by language: the first four decide.
        return bones.Length >= 4 ? bones.ToString(0, 4) : "";
    }
}
