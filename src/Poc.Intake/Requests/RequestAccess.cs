using Poc.Grpc;

namespace Poc.Intake.Requests;

/// <summary>Who may read which request: partners their own, staff and services that a method allows any.</summary>
internal static class RequestAccess
{
    /// <summary>The request's name, checked before anything is looked up.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="name">The value of the field.</param>
    /// <param name="suffix">What follows the request's name in it, e.g. <c>/receipt</c>.</param>
    /// <exception cref="RpcError">INVALID_ARGUMENT (FIELD_INVALID); NOT_FOUND (REQUEST_NOT_FOUND) for another partner's, exactly as for one that is not there.</exception>
    public static RequestName Require(Caller caller, string name, string suffix = "")
    {
        var wellFormed = name.EndsWith(suffix, StringComparison.Ordinal) && RequestName.TryParse(name[..^suffix.Length], out _);
        new Violations().Require(wellFormed, "name", $"must be a name like {RequestName.Pattern}{suffix}, as it was given").ThrowIfAny();
        _ = RequestName.TryParse(name[..^suffix.Length], out var request);
        return !caller.Is(Roles.Partner) || caller.Id == request.Parent ? request : throw IntakeErrors.RequestNotFound(request.ToString());
    }
}
