using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace Poc.Grpc;

/// <summary>
/// Recognises callers by the client certificate of their TLS connection, whose private key the handshake has proved they have. Registered in the container by a service
/// whose callers have certificates; one without it takes no notice of them.
/// </summary>
public interface ICertificateCheck
{
    /// <summary>Whose certificate it is. Asked on every call, not once a connection: a certificate may end while connections are open.</summary>
    /// <param name="certificate">As the client presented it; nothing but the possession of its key is proved.</param>
    /// <param name="call">The call.</param>
    /// <exception cref="RpcError">UNAUTHENTICATED: it is nobody's, or not valid.</exception>
    ValueTask<Caller> CheckAsync(X509Certificate2 certificate, HttpContext call);
}
