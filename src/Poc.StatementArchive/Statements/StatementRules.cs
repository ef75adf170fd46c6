using System.Text.RegularExpressions;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Grpc;
using Poc.Kernel.Text;

namespace Poc.StatementArchive.Statements;

/// <summary>What is asked of texts, languages and dates before they are archived.</summary>
internal static partial class StatementRules
{
    /// <summary>Longest statement or translation, in code points.</summary>
    public const int MaxText = 1_000_000;

    /// <summary>Longest handle, topic or audience, in code points.</summary>
    public const int MaxHandle = 200;

    /// <summary>Longest description, claim, search note or address, in code points.</summary>
    public const int MaxDescription = 10_000;

    /// <summary>Code points of who got a copy.</summary>
    public const int MaxRecipient = 500;

    /// <summary>Most claims, and most re-posts, of one statement.</summary>
    public const int MaxParts = 100;

    /// <summary>The newest day that it can be anywhere on earth: a date after it has not come yet.</summary>
    public static DateOnly NewestDay(TimeProvider clock) => DateOnly.FromDateTime(clock.GetUtcNow().AddHours(14).UtcDateTime);

    public static Violations Statement(this Violations violations, string field, Statement? statement, DateOnly newest)
    {
        if (statement is null)
        {
            return violations.Require(false, field, "is required");
        }

        violations
            .Handle($"{field}.speaker", statement.Speaker).NotBlank($"{field}.speaker", statement.Speaker)
            .Handle($"{field}.publisher", statement.Publisher)
            .Handle($"{field}.amplifier", statement.Amplifier)
            .Specified($"{field}.content_kind", statement.ContentKind)
            .Text($"{field}.text", statement.Text)
            .Language($"{field}.language", statement.Language)
            .Date($"{field}.uttered", statement.Uttered, newest, required: true)
            .Date($"{field}.published", statement.Published, newest, required: false)
            .MaxCount($"{field}.reposted", statement.Reposted.Count, MaxParts)
            .MaxLength($"{field}.source_url", statement.SourceUrl, MaxDescription)
            .MaxCount($"{field}.claims", statement.Claims.Count, MaxParts)
            .MaxCount($"{field}.groups_named", statement.GroupsNamed.Count, MaxParts)
            .Require(statement.MediaDurationMs >= 0, $"{field}.media_duration_ms", "must not be negative");
        for (var i = 0; i < Math.Min(statement.Reposted.Count, MaxParts); i++)
        {
            violations.Date($"{field}.reposted[{i}]", statement.Reposted[i], newest, required: true);
        }

        for (var i = 0; i < Math.Min(statement.GroupsNamed.Count, MaxParts); i++)
        {
            violations.NotBlank($"{field}.groups_named[{i}]", statement.GroupsNamed[i]).Handle($"{field}.groups_named[{i}]", statement.GroupsNamed[i]);
        }

        for (var i = 0; i < Math.Min(statement.Claims.Count, MaxParts); i++)
        {
            var (path, claim) = ($"{field}.claims[{i}]", statement.Claims[i]);
            violations
                .NotBlank($"{path}.source", claim.Source).Handle($"{path}.source", claim.Source)
                .NotBlank($"{path}.topic", claim.Topic).Handle($"{path}.topic", claim.Topic)
                .NotBlank($"{path}.claim", claim.Claim).MaxLength($"{path}.claim", claim.Claim, MaxDescription);
        }

        return violations;
    }

    public static Violations RetractionEntry(this Violations violations, string field, RetractionEntry? entry, DateOnly newest)
    {
        if (entry is null)
        {
            return violations.Require(false, field, "is required");
        }

        return violations
            .Specified($"{field}.finding", entry.Finding)
            .Date($"{field}.dated", entry.Dated, newest, required: true)
            .NotBlank($"{field}.description", entry.Description).MaxLength($"{field}.description", entry.Description, MaxDescription)
            .MaxLength($"{field}.source_url", entry.SourceUrl, MaxDescription)
            .Handle($"{field}.audience", entry.Audience)
            .Require(entry.Language.Length == 0 || Bcp47().IsMatch(entry.Language), $"{field}.language", "must be a BCP 47 tag such as ru or zh-Hant")
            .MaxLength($"{field}.searched", entry.Searched, MaxDescription)
            .Require(
                entry.Finding != RetractionFinding.NoneFound || !string.IsNullOrWhiteSpace(entry.Searched),
                $"{field}.searched", "must say what was searched, and with which words, when nothing was found")
            .Require(
                entry.Finding != RetractionFinding.NoneFound || entry.Dated?.Precision != DatePrecision.Unknown,
                $"{field}.dated", "must be known for a search");
    }

    public static Violations Text(this Violations violations, string field, string text) => violations
        .NotBlank(field, text)
        .MaxLength(field, text, MaxText)
        // PostgreSQL stores no U+0000; a lone surrogate has no code point.
        .Require(!text.Contains('\0', StringComparison.Ordinal) && CodePoints.AreWellFormed(text), field, "must be well-formed Unicode without U+0000");

    public static Violations Language(this Violations violations, string field, string language)
        => violations.Require(Bcp47().IsMatch(language), field, "must be a BCP 47 tag such as ru or zh-Hant");

    public static Violations Handle(this Violations violations, string field, string handle) => violations.MaxLength(field, handle, MaxHandle);

    public static Violations Date(this Violations violations, string field, UncertainDate? date, DateOnly newest, bool required)
    {
        if (date is null)
        {
            return violations.Require(!required, field, "is required");
        }

        violations.Require(Enum.IsDefined(date.Confidence), $"{field}.confidence", "must be one of the values of the enumeration");
        if (SharpnessOf(date.Precision) is not { } sharpness)
        {
            return violations.Specified($"{field}.precision", date.Precision);
        }

        var problem = HistoricalDate.Read(date.Earliest, date.Latest, sharpness, newest, out _);
        return violations.Require(problem is null, field, problem ?? "");
    }

    /// <summary>The wire's precision as the kernel's; null when it is unspecified or unknown to this version.</summary>
    public static DateSharpness? SharpnessOf(DatePrecision precision) => precision switch
    {
        DatePrecision.Day => DateSharpness.Day,
        DatePrecision.Month => DateSharpness.Month,
        DatePrecision.Year => DateSharpness.Year,
        DatePrecision.Range => DateSharpness.Range,
        DatePrecision.Unknown => DateSharpness.Unknown,
        _ => null,
    };

    /// <summary>The days that a stored date can be of; null when nobody knows.</summary>
    public static (DateOnly First, DateOnly Last)? DaysOf(UncertainDate dated)
    {
        // It was checked when it was recorded; the day that was recorded on is no limit any more.
        var problem = HistoricalDate.Read(dated.Earliest, dated.Latest, SharpnessOf(dated.Precision) ?? DateSharpness.Unknown, DateOnly.MaxValue, out var date);
        return problem is null
            ? date is { Earliest: { } first, Latest: { } last } ? (first, last) : null
            : throw new InvalidOperationException($"A stored date is not valid: {problem}");
    }

    [GeneratedRegex("^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,5}$", RegexOptions.CultureInvariant)]
    private static partial Regex Bcp47();
}
