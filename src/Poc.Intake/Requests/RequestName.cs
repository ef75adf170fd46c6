using System.Diagnostics.CodeAnalysis;

namespace Poc.Intake.Requests;

/// <summary><c>partners/{partner}/requests/{request}</c>, the request being a UUID in lower case.</summary>
internal readonly record struct RequestName(string Partner, Guid Id)
{
    /// <summary>The pattern, as violations name it.</summary>
    public const string Pattern = "partners/{partner}/requests/{request}";

    /// <summary>False when the text is not a request's name in the one form in which Intake gives it.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RequestName name)
    {
        name = default;
        if (text?.Split('/') is not ["partners", { Length: > 0 } partner, "requests", var id] || !Guid.TryParseExact(id, "D", out var request))
        {
            return false;
        }

        name = new RequestName(partner, request);
        return name.ToString() == text;
    }

    /// <summary><c>partners/{partner}</c>, as in <c>Caller.Id</c>.</summary>
    public string Parent => $"partners/{Partner}";

    /// <inheritdoc />
    public override string ToString() => $"partners/{Partner}/requests/{Id:D}";
}
