using Microsoft.AspNetCore.Http;

namespace Poc.Grpc;

/// <summary>
/// What a service asks of a call beyond the caller's role, before its message is read: whether this caller may call this method now. Registered in the container by a service
/// that has such a rule.
/// </summary>
public interface ICallRule
{
    /// <summary>Lets the call pass, or throws.</summary>
    /// <param name="caller">Who calls; the method's <see cref="AllowAttribute"/> lets them in.</param>
    /// <param name="call">The call; the method's attributes are its endpoint's metadata.</param>
    /// <exception cref="RpcError">The call is refused.</exception>
    ValueTask CheckAsync(Caller caller, HttpContext call);
}
