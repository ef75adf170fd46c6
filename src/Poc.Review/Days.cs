using System.Globalization;
using Poc.Grpc;

namespace Poc.Review;

/// <summary>Days as the wire has them: ISO 8601, <c>2021-02-23</c>, in UTC where "today" is meant.</summary>
internal static class Days
{
    private const string Form = "yyyy-MM-dd";

    public static DateOnly Parse(string day) => DateOnly.ParseExact(day, Form, CultureInfo.InvariantCulture);

    public static string Text(DateOnly day) => day.ToString(Form, CultureInfo.InvariantCulture);

    public static DateOnly Today(TimeProvider clock) => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);

    /// <summary>The text is a day.</summary>
    public static Violations Day(this Violations violations, string field, string value) =>
        violations.Require(DateOnly.TryParseExact(value, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out _), field,
            "must be an ISO 8601 day such as 2021-02-23");

    /// <summary>The text is a day and no later than <paramref name="latest"/>.</summary>
    public static Violations DayUpTo(this Violations violations, string field, string value, DateOnly latest) =>
        violations.Day(field, value).Require(
            !DateOnly.TryParseExact(value, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day <= latest, field,
                "must not be in the future");
}
