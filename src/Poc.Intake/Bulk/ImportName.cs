using System.Diagnostics.CodeAnalysis;
using Poc.Grpc;

namespace Poc.Intake.Bulk;

/// <summary><c>partners/{partner}/imports/{import}</c>, the import being the UUID that the partner chose, in lower case.</summary>
internal readonly record struct ImportName(string Partner, Guid Id)
{
    /// <summary>The pattern, as violations name it.</summary>
    public const string Pattern = "partners/{partner}/imports/{import}";

    /// <summary>False when the text is not an import's name in the one form in which Intake gives it.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ImportName name)
    {
        name = default;
        if (text?.Split('/') is not ["partners", { Length: > 0 } partner, "imports", var id] || !Guid.TryParseExact(id, "D", out var import))
        {
            return false;
        }

        name = new ImportName(partner, import);
        return name.ToString() == text;
    }

    /// <summary>The name, checked before anything is looked up: partners reach their own, staff those of any.</summary>
    /// <exception cref="RpcError">INVALID_ARGUMENT (FIELD_INVALID); NOT_FOUND (IMPORT_NOT_FOUND) for another partner's, exactly as for one that is not there.</exception>
    public static ImportName Require(Caller caller, string field, string text)
    {
        var wellFormed = TryParse(text, out var name);
        new Violations().Require(wellFormed, field, $"must be a name like {Pattern}, as it was given").ThrowIfAny();
        return !caller.Is(Roles.Partner) || caller.Id == $"partners/{name.Partner}" ? name : throw IntakeErrors.ImportNotFound(text);
    }

    /// <inheritdoc />
    public override string ToString() => $"partners/{Partner}/imports/{Id:D}";
}
