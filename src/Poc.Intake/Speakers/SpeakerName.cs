using System.Diagnostics.CodeAnalysis;
using Poc.Grpc;

namespace Poc.Intake.Speakers;

/// <summary><c>subjects/{subject}/speakers/{speaker}</c>, the speaker being a UUID in lower case.</summary>
internal readonly record struct SpeakerName(string Subject, Guid Id)
{
    /// <summary>The pattern, as violations name it.</summary>
    public const string Pattern = "subjects/{subject}/speakers/{speaker}";

    /// <summary>False when the text is not a speaker's name in the one form in which Intake gives it.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SpeakerName name)
    {
        name = default;
        if (text?.Split('/') is not ["subjects", { Length: > 0 } subject, "speakers", var id] || !Guid.TryParseExact(id, "D", out var speaker))
        {
            return false;
        }

        name = new SpeakerName($"subjects/{subject}", speaker);
        return name.ToString() == text;
    }

    /// <inheritdoc />
    public override string ToString() => $"{Subject}/speakers/{Id:D}";
}
