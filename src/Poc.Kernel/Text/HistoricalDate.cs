using System.Globalization;

namespace Poc.Kernel.Text;

/// <summary>How sharply a date is known.</summary>
public enum DateSharpness
{
    /// <summary>The day is known.</summary>
    Day,

    /// <summary>The month is known.</summary>
    Month,

    /// <summary>The year is known.</summary>
    Year,

    /// <summary>Somewhere between two days.</summary>
    Range,

    /// <summary>Nobody at hand knows.</summary>
    Unknown,
}

/// <summary>A date as history gives it. Dates that sources do not know are not made up: a month stays a month.</summary>
/// <param name="Earliest">First day it can have been; null when unknown.</param>
/// <param name="Latest">Last day it can have been; null when unknown.</param>
/// <param name="Sharpness">How sharply it is known.</param>
public readonly record struct HistoricalDate(DateOnly? Earliest, DateOnly? Latest, DateSharpness Sharpness)
{
    private static readonly DateOnly _first = new(1800, 1, 1);

    /// <summary>
    /// Reads a date from the two ISO 8601 days of the wire. <paramref name="latest"/> may be empty where the sharpness already says it, and must agree with it
    /// otherwise.
    /// </summary>
    /// <param name="earliest">First day, <c>yyyy-MM-dd</c>; empty when unknown.</param>
    /// <param name="latest">Last day, <c>yyyy-MM-dd</c>.</param>
    /// <param name="sharpness">How sharply it is known.</param>
    /// <param name="notAfter">No day after this one is believed.</param>
    /// <param name="date">The date, with both days filled in.</param>
    /// <returns>Null, or what is wrong, for the caller who wrote it.</returns>
    public static string? Read(string earliest, string latest, DateSharpness sharpness, DateOnly notAfter, out HistoricalDate date)
    {
        date = new HistoricalDate(null, null, sharpness);
        if (sharpness == DateSharpness.Unknown)
        {
            return earliest.Length == 0 && latest.Length == 0 ? null : "An unknown date has neither an earliest nor a latest day.";
        }

        if (!TryDay(earliest, out var first) || (latest.Length > 0 && !TryDay(latest, out _)))
        {
            return "Days are written yyyy-MM-dd, and the earliest is required.";
        }

        var last = sharpness switch
        {
            DateSharpness.Day => first,
            DateSharpness.Month => new DateOnly(first.Year, first.Month, 1).AddMonths(1).AddDays(-1),
            DateSharpness.Year => new DateOnly(first.Year, 12, 31),
            _ => TryDay(latest, out var day) ? day : DateOnly.MinValue,
        };
        date = new HistoricalDate(first, last, sharpness);
        return sharpness switch
        {
            _ when first < _first || first > notAfter => $"The earliest day is from {_first:yyyy-MM-dd} to {notAfter:yyyy-MM-dd}.",
            DateSharpness.Month when first.Day != 1 => "A date known to the month has the month's first day as its earliest.",
            DateSharpness.Year when first.DayOfYear != 1 => "A date known to the year has the year's first day as its earliest.",
            DateSharpness.Range when last <= first || last > notAfter => $"A range has a latest day after its earliest and not after {notAfter:yyyy-MM-dd}.",
            not DateSharpness.Range when latest.Length > 0 && TryDay(latest, out var stated) && stated != last
                => "The latest day contradicts the precision; leave it empty.",
            _ => null,
        };
    }

    private static bool TryDay(string text, out DateOnly day)
        => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);
}
