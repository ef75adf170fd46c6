using System.Globalization;
using Poc.Grpc;

namespace Poc.Review.Subjects;

/// <summary>What is asked of the words that say who somebody is.</summary>
internal static class IdentityFields
{
    private static readonly string[] Forms = ["yyyy", "yyyy-MM", "yyyy-MM-dd"];

    /// <summary>Requires names, script, birth date and note in their forms; <paramref name="prefix"/> is the field they are in.</summary>
    public static Violations Identity(
        this Violations violations, string prefix, string nativeName, string script, IReadOnlyList<string> transliterations, string birthDate, (string Field, string Value) note)
    {
        violations.Text($"{prefix}.native_name", nativeName, 200)
            .Require(script.Length == 4 && script.All(char.IsAsciiLetter) && char.IsAsciiLetterUpper(script[0]), $"{prefix}.script", "must be an ISO 15924 code such as Cyrl")
            .MaxCount($"{prefix}.transliterations", transliterations.Count, 20)
            .Require(birthDate.Length == 0 || DateOnly.TryParseExact(birthDate, Forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out _), $"{prefix}.birth_date",
                "must be an ISO 8601 year, month or day such as 1976, 1976-06 or 1976-06-04")
            .MaxLength($"{prefix}.{note.Field}", note.Value, Names.Sentence);
        for (var i = 0; i < transliterations.Count; i++)
        {
            violations.Text($"{prefix}.transliterations[{i}]", transliterations[i], 200);
        }

        return violations;
    }
}
