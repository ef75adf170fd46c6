using System.Diagnostics.CodeAnalysis;
using Poc.Grpc;

namespace Poc.Intake.Operations;

/// <summary><c>partners/{partner}/operations/{operation}</c>, the operation being a UUID in lower case.</summary>
internal readonly record struct OperationName(string Partner, Guid Id)
{
    /// <summary>The pattern, as violations name it.</summary>
    public const string Pattern = "partners/{partner}/operations/{operation}";

    /// <summary>False when the text is not an operation's name in the one form in which Intake gives it.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out OperationName name)
    {
        name = default;
        if (text?.Split('/') is not ["partners", { Length: > 0 } partner, "operations", var id] || !Guid.TryParseExact(id, "D", out var operation))
        {
            return false;
        }

        name = new OperationName(partner, operation);
        return name.ToString() == text;
    }

    /// <summary>The name, checked before anything is looked up.</summary>
    /// <exception cref="RpcError">INVALID_ARGUMENT (FIELD_INVALID); NOT_FOUND (OPERATION_NOT_FOUND) for another partner's, exactly as for one that is not there.</exception>
    public static OperationName Require(Caller caller, string text)
    {
        var wellFormed = TryParse(text, out var name);
        new Violations().Require(wellFormed, "name", $"must be a name like {Pattern}, as it was given").ThrowIfAny();
        return caller.Id == $"partners/{name.Partner}" ? name : throw IntakeErrors.OperationNotFound(text);
    }

    /// <inheritdoc />
    public override string ToString() => $"partners/{Partner}/operations/{Id:D}";
}
