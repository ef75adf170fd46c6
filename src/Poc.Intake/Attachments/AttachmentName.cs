using System.Diagnostics.CodeAnalysis;
using Poc.Grpc;

namespace Poc.Intake.Attachments;

/// <summary><c>partners/{partner}/attachments/{attachment}</c>, the attachment being a UUID in lower case.</summary>
internal readonly record struct AttachmentName(string Partner, Guid Id)
{
    /// <summary>The pattern, as violations name it.</summary>
    public const string Pattern = "partners/{partner}/attachments/{attachment}";

    /// <summary>False when the text is not an attachment's name in the one form in which Intake gives it.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out AttachmentName name)
    {
        name = default;
        if (text?.Split('/') is not ["partners", { Length: > 0 } partner, "attachments", var id] || !Guid.TryParseExact(id, "D", out var attachment))
        {
            return false;
        }

        name = new AttachmentName(partner, attachment);
        return name.ToString() == text;
    }

    /// <summary>The name, checked before anything is looked up: partners reach their own, staff those of any.</summary>
    /// <exception cref="RpcError">INVALID_ARGUMENT (FIELD_INVALID); NOT_FOUND (ATTACHMENT_NOT_FOUND) for another partner's, exactly as for one that is not there.</exception>
    public static AttachmentName Require(Caller caller, string text)
    {
        var wellFormed = TryParse(text, out var name);
        new Violations().Require(wellFormed, "name", $"must be a name like {Pattern}, as it was given").ThrowIfAny();
        return !caller.Is(Roles.Partner) || caller.Id == $"partners/{name.Partner}" ? name : throw IntakeErrors.AttachmentNotFound(text);
    }

    /// <inheritdoc />
    public override string ToString() => $"partners/{Partner}/attachments/{Id:D}";
}
