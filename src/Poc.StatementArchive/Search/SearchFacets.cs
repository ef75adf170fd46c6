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

    // What can have been said in any of more years than that, or months, is under one lexeme of its own.
    private const int MaxYears = 30;
    private const int MaxMonths = 24;
    private const string ManyYears = "=year:many";
    private const string ManyMonths = "=month:many";

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

    /// <summary>The month in which it was recorded.</summary>
    public static string Recorded(DateTimeOffset at) => Recorded(MonthOf(DateOnly.FromDateTime(at.UtcDateTime)));

    /// <summary>A tsquery of the months from so many before one to itself.</summary>
    public static string RecordedIn(DateTimeOffset last, int months)
    {
        var until = MonthOf(DateOnly.FromDateTime(last.UtcDateTime));
        return AnyOf(Enumerable.Range(until - months + 1, months).Select(Recorded));
    }

    /// <summary>What a text that can be of any day from the first to the last is found under.</summary>
    public static IEnumerable<string> Days(DateOnly first, DateOnly last)
        => (MonthsOf(first, last) is var months && months.Count <= MaxMonths ? months : [ManyMonths]).Concat(YearsOf(first, last) is var years && years.Count <= MaxYears ? years : [ManyYears]);

    /// <summary>A tsquery of what texts are found under that can be of those days, and of others in their months; null where they would be too many.</summary>
    public static string? DaysAsked(DateOnly first, DateOnly last)
    {
        if (last.Year - first.Year >= MaxYears)
        {
            return null;
        }

        var years = AnyOf(YearsOf(first, last).Append(ManyYears));
        return MonthsOf(first, last) is var months && months.Count <= MaxMonths ? $"({AnyOf(months)} | ({SearchLexemes.Quote(ManyMonths)} & {years}))" : years;
    }

    private static string AnyOf(IEnumerable<string> facets) => $"({string.Join(" | ", facets.Select(SearchLexemes.Quote))})";

    private static List<string> YearsOf(DateOnly first, DateOnly last)
        => [.. Enumerable.Range(first.Year, last.Year - first.Year + 1).Select(static year => string.Create(CultureInfo.InvariantCulture, $"=year:{year}"))];

    private static List<string> MonthsOf(DateOnly first, DateOnly last)
    {
        var (from, until) = (MonthOf(first), MonthOf(last));
        return [.. Enumerable.Range(from, Math.Min(until - from, MaxMonths) + 1).Select(static month => string.Create(CultureInfo.InvariantCulture, $"=month:{month / 12}-{(month % 12) + 1:00}"))];
    }

    private static string Recorded(int month) => string.Create(CultureInfo.InvariantCulture, $"=recorded:{month / 12}-{(month % 12) + 1:00}");

    private static int MonthOf(DateOnly day) => (day.Year * 12) + day.Month - 1;
}
