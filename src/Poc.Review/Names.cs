using Poc.Grpc;

namespace Poc.Review;

/// <summary>Forms of resource names and limits of texts that several slices ask for.</summary>
internal static class Names
{
    public const string Subject = "subjects/{subject}";
    public const string Episode = "subjects/{subject}/episodes/{episode}";
    public const string Statement = "subjects/{subject}/statements/{statement}";
    public const string RetractionEntry = "subjects/{subject}/statements/{statement}/retractionEntries/{entry}";
    public const string Dossier = "dossiers/{dossier}";
    public const string Decision = "decisions/{decision}";
    public const string Staff = "staff/{staff}";
    public const string Campaign = "campaigns/{campaign}";

    /// <summary>Longest prose field, in code points.</summary>
    public const int Prose = 100_000;

    /// <summary>Longest reason, title or description, in code points.</summary>
    public const int Sentence = 4_000;

    /// <summary>Id that a caller chooses: lower-case letters, digits and hyphens, 2 to 40.</summary>
    public static Violations Id(this Violations violations, string field, string value) =>
        violations.Require(
            value.Length is >= 2 and <= 40 && value.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'),
            field, "must be 2 to 40 lower-case letters, digits or hyphens");

    /// <summary>A text that must be there and is at most <paramref name="maximum"/> code points long.</summary>
    public static Violations Text(this Violations violations, string field, string? value, int maximum = Sentence) =>
        violations.NotBlank(field, value).MaxLength(field, value, maximum);

    /// <summary>A name made of a collection and a new id.</summary>
    public static string New(string collection, Guid id) => $"{collection}/{id:D}";
}
