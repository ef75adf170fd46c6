using System.Collections.Frozen;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Poc.Grpc;

/// <summary>Finds out who calls, from the one credential that the call carries.</summary>
internal sealed class Authenticator(IEnumerable<ICredentialCheck> checks, ILogger<Authenticator> logger)
{
    public const string StaffPrefix = "staff/";

    /// <exception cref="RpcError">UNAUTHENTICATED: the credential is not accepted, or there are several, so that it is not clear who calls.</exception>
    public async ValueTask<Caller> IdentifyAsync(HttpContext call)
    {
        var bearer = call.Request.Headers.Authorization.Count > 0;
        var presented = checks.Where(check => call.Request.Headers.ContainsKey(check.Header)).ToList();
        return (bearer, presented) switch
        {
            (false, []) => Caller.Anonymous,
            (true, []) => await BearerAsync(call) ?? throw CommonErrors.CredentialInvalid(),
            (false, [var check]) => await check.CheckAsync(call.Request.Headers[check.Header].ToString(), call) ?? throw CommonErrors.CredentialInvalid(),
            _ => throw CommonErrors.CredentialInvalid(),
        };
    }

    private async ValueTask<Caller?> BearerAsync(HttpContext call)
    {
        AuthenticateResult result;
        try
        {
            result = await call.AuthenticateAsync(PocAuthentication.Scheme);
        }
        catch (Exception problem) when (!call.RequestAborted.IsCancellationRequested)
        {
            // The handler throws only when it cannot fetch the provider's keys; a bad token is a result.
            throw CommonErrors.IdentityProviderUnavailable(problem);
        }

        if (!result.Succeeded)
        {
            // The type says which check failed (lifetime, audience, signature); the text may quote the token's claims.
            logger.LogInformation("A bearer token was not accepted: {Problem}", result.Failure?.GetType().Name ?? "not a bearer token");
            return null;
        }

        return result.Principal.FindFirstValue("iss") is { } issuer && issuer.StartsWith(ServiceTokens.IssuerPrefix, StringComparison.Ordinal)
            ? Service(issuer[ServiceTokens.IssuerPrefix.Length..])
            : Staff(result.Principal);
    }

    private static Caller Service(string name) => new($"services/{name}", FrozenSet.Create(StringComparer.Ordinal, Roles.ServicePrefix + name));

    private static Caller? Staff(ClaimsPrincipal principal) =>
        principal.FindFirstValue("sub") is { Length: > 0 and <= 255 } subject && !subject.Any(static c => c == '/' || char.IsControl(c) || char.IsWhiteSpace(c))
            ? new Caller(StaffPrefix + subject, principal.FindAll("role").Select(static claim => claim.Value).Where(Roles.Staff.Contains).ToFrozenSet(StringComparer.Ordinal))
            : null;
}
