using Microsoft.AspNetCore.Http;

namespace Poc.Grpc;

/// <summary>Finds out who calls, from the credential in the call's headers and the client certificate of its connection.</summary>
internal sealed class Authenticator(BearerTokens tokens, IEnumerable<ICredentialCheck> checks, ICertificateCheck? certificates = null)
{
    public const string StaffPrefix = "staff/";
    private const string Bearer = "Bearer ";

    /// <exception cref="RpcError">UNAUTHENTICATED: a credential is not accepted, or several are not one caller's, so that it is not clear who calls.</exception>
    public async ValueTask<Caller> IdentifyAsync(HttpContext call)
    {
        var bearer = await FromHeadersAsync(call);
        if (certificates is null || call.Connection.ClientCertificate is not { } certificate)
        {
            return bearer;
        }

        var holder = await certificates.CheckAsync(certificate, call);
        return bearer == Caller.Anonymous || bearer.Id == holder.Id ? holder : throw CommonErrors.CredentialInvalid();
    }

    private async ValueTask<Caller> FromHeadersAsync(HttpContext call)
    {
        var headers = call.Request.Headers;
        var presented = checks.Where(check => headers.ContainsKey(check.Header)).ToList();
        var caller = (headers.Authorization.Count, presented) switch
        {
            (0, []) => Caller.Anonymous,
            (1, []) when headers.Authorization[0] is { } value && value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) =>
                await tokens.CheckAsync(value[Bearer.Length..].Trim(), call.RequestAborted),
            (0, [var check]) when headers[check.Header] is [{ } value] => await check.CheckAsync(value, call),
            _ => null,
        };
        return caller ?? throw CommonErrors.CredentialInvalid();
    }
}
