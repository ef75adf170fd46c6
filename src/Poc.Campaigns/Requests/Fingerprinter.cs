using System.Text.RegularExpressions;
using Poc.Kernel.Text;

namespace Poc.Campaigns.Requests;

/// <summary>Makes fingerprints. Pure: the same request and the same templates always give the same fingerprint.</summary>
public sealed partial class Fingerprinter
{
    private const int MinimumShingles = 5;
    private const int MaximumShingles = 2_000;
    private const int MaximumWords = 1_500;
    private const int MaximumAnchors = 64;

    private readonly DeclaredTemplates templates;

    /// <summary>A fingerprinter that recognises these templates.</summary>
    public Fingerprinter(DeclaredTemplates templates) => this.templates = templates;

    /// <summary>The fingerprint of a request.</summary>
    public Fingerprint Of(CampaignRequest request)
    {
        var letter = LetterText.Of(request.Text, request.Urls);
        var words = Wording(letter);
        var shingles = Shingles(letter, masked: true);
        return new Fingerprint
        {
            Id = request.Id,
            At = request.At,
            Source = request.Organisation.Length > 0 ? "o:" + request.Organisation : "a:" + request.Account,
            IsOrganisation = request.Organisation.Length > 0,
            Language = PrimaryLanguage(request.Language),
            Words = words,
            Sentences = [.. letter.SentenceLengths.Take(64).Select(static length => (byte)Math.Min(length, 255))],
            Signature = shingles.Count < MinimumShingles ? [] : MinHash.Sign([.. shingles]),
            HasQuotation = QuotedPassage.IsMatch(request.Text),
            Urls = [.. letter.Urls.Select(static url => MinHash.HashOf(url))],
            Hosts = [.. letter.Urls.Select(static url => MinHash.HashOf(CanonicalUrl.HostOf(url)))],
            Anchors = Anchors(letter),
            Template = templates.Find(letter, shingles),
        };
    }

    // Between like marks, five words at least; the marks of English, Russian, Spanish, German and Chinese.
    [GeneratedRegex(@"[""“„«「](?:[^""“”„«»「」\s]+\s+){4}[^""“”„«»「」]*[""”“»」]", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex QuotedPassage { get; }

    internal static string PrimaryLanguage(string tag)
    {
        var end = tag.AsSpan().IndexOfAny('-', '_');
        var primary = (end < 0 ? tag : tag[..end]).Trim().ToLowerInvariant();
        return primary.Length == 0 ? "und" : primary;
    }

    /// <summary>Distinct 2-grams of words (3-grams of characters where a script has no spaces), at most <see cref="MaximumShingles"/>, in order of appearance.</summary>
    internal static HashSet<uint> Shingles(LetterText letter, bool masked)
    {
        var found = new HashSet<uint>();
        var (before, beforeThat) = (0UL, 0UL);
        foreach (var word in letter.Words)
        {
            if (masked && word.Kind != WordKind.Plain)
            {
                continue;
            }

            var hash = MinHash.HashOf(word.Text);
            var character = word.Text.Length == 1 && LetterText.IsUnspaced(word.Text[0]);
            if (before != 0 && (!character || beforeThat != 0))
            {
                found.Add((uint)(MinHash.Mix(MinHash.Mix((character ? beforeThat : 0) + 0x51ED27) ^ (before * 3) ^ hash) >> 32));
                if (found.Count == MaximumShingles)
                {
                    break;
                }
            }

            (beforeThat, before) = (before, hash);
        }

        return found;
    }

    internal static uint WordHash(string word) => (uint)(MinHash.HashOf(word) >> 32);

    private static uint[] Wording(LetterText letter)
    {
        var words = new List<uint>(Math.Min(letter.Words.Count, MaximumWords));
        foreach (var word in letter.Words)
        {
            if (word.Kind == WordKind.Plain && words.Count < MaximumWords)
            {
                words.Add(WordHash(word.Text));
            }
        }

        return [.. words];
    }

    private static ulong[] Anchors(LetterText letter)
    {
        var anchors = new SortedSet<ulong>();
        foreach (var word in letter.Words)
        {
            var anchor = word.Kind switch
            {
                WordKind.Number => Digits(word.Text) is { Length: >= 2 } digits ? "n:" + digits : "",
                WordKind.Name => Transliteration.Skeleton(word.Text) is { Length: > 0 } skeleton ? "p:" + skeleton : "",
                _ => "",
            };
            if (anchor.Length > 0 && anchors.Count < MaximumAnchors)
            {
                anchors.Add(MinHash.HashOf(anchor));
            }
        }

        return [.. anchors];
    }

    private static string Digits(string word) => string.Concat(word.Where(char.IsAsciiDigit));
}
