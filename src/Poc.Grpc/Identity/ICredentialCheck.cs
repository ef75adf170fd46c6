using Microsoft.AspNetCore.Http;

namespace Poc.Grpc;

/// <summary>
/// Recognises one kind of credential that a service issues itself, e.g. Intake's partner keys in the header <c>x-api-key</c>. Registered in the container
/// (scoped or singleton); bearer tokens are not its business.
/// </summary>
public interface ICredentialCheck
{
    /// <summary>The request header, in lower case, that carries this kind of credential and nothing else.</summary>
    string Header { get; }

    /// <summary>Who presents the credential; null when it is malformed, unknown or revoked.</summary>
    /// <param name="credential">The header's value as sent. A secret: compare digests with
    /// <see cref="System.Security.Cryptography.CryptographicOperations.FixedTimeEquals"/>, never log it.</param>
    /// <param name="call">The call, for what else proves the caller, such as its TLS client certificate.</param>
    ValueTask<Caller?> CheckAsync(string credential, HttpContext call);
}
