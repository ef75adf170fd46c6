using System.Globalization;
using Poc.Contracts.StatementArchive.V1;
using Poc.StatementArchive.Retractions;

namespace Poc.StatementArchive.Search;

/// <summary>
/// What can be asked for besides words, as lexemes beside them, so that one index answers for a word, a speaker and a year together. None is a word: words have no <c>=</c>.
/// </summary>
internal static class SearchFacets
{
    /// <summary>What every one of them begins with.</summary>
    public const char Mark = '=';

    // What can have been said in any of more years than that is under one lexeme of its own.
    private const int MaxYears = 30;
    private const string ManyYears = "=year:many";

    public static string Subject(string subject) => $"=subject:{subject}";

    public static string Speaker(string speaker) => $"=speaker:{SearchText.Fold(speaker)}";

    public static string Group(string group) => $"=group:{SearchText.Fold(group)}";

    public static string State(RetractionState state) => $"=state:{RetractionFold.NameOf(state)}";

    public static string Language(string tag) => $"=language:{tag.ToLowerInvariant()}";

    /// <summary>A language under its own tag and all that it is a kind of: <c>zh-hant-hk</c>, <c>zh-hant</c>, <c>zh</c>.</summary>
    public static IEnumerable<string> Languages(string tag)
    {
        for (var end = tag.Length; end > 0; end = tag.LastIndexOf('-', end - 1))
        {
            yield return Language(tag[..end]);
        }
    }

    /// <summary>What a text that can be of any day from the first to the last is found under.</summary>
    public static IEnumerable<string> Years(DateOnly first, DateOnly last) => last.Year - first.Year >= MaxYears ? [ManyYears] : Each(first, last);

    /// <summary>What texts are found under, one of these at least, that can be of those days; null where it would be too many.</summary>
    public static IReadOnlyList<string>? YearsAsked(DateOnly first, DateOnly last) => last.Year - first.Year >= MaxYears ? null : [.. Each(first, last), ManyYears];

    private static IEnumerable<string> Each(DateOnly first, DateOnly last)
        => Enumerable.Range(first.Year, last.Year - first.Year + 1).Select(static year => string.Create(CultureInfo.InvariantCulture, $"=year:{year}"));
}
