using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Poc.Grpc;

/// <summary>
/// The tokens by which this service proves itself to others: JWS, ES256, issuer <c>poc-service/{name}</c>, the callee as audience, valid five minutes, so that
/// a
/// token that leaks from one callee is soon worthless and never works at another.
/// </summary>
public sealed class ServiceTokens
{
    /// <summary>Start of the issuer; the service's name follows.</summary>
    public const string IssuerPrefix = "poc-service/";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(4);

    private readonly string _service;
    private readonly TimeProvider _clock;
    private readonly SigningCredentials _signer;
    private readonly ConcurrentDictionary<string, (string Token, DateTimeOffset RenewAt)> _tokens = new(StringComparer.Ordinal);

    /// <param name="service">This service's own name, e.g. "review".</param>
    /// <param name="privateKeyBase64">Its P-256 private key, PKCS#8, base64.</param>
    /// <param name="clock">Gives now.</param>
    /// <exception cref="InvalidOperationException">The key is not of that form.</exception>
    public ServiceTokens(string service, string privateKeyBase64, TimeProvider clock)
        : this(service, Keys.Private(privateKeyBase64, "ServiceIdentity:PrivateKey"), clock)
    {
    }

    internal ServiceTokens(string service, SecurityKey key, TimeProvider clock)
    {
        _service = service;
        _clock = clock;
        _signer = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256);
    }

    /// <summary>A token for calls to the service; the same one until a minute before it ends.</summary>
    /// <param name="audience">The callee's name, e.g. "archive".</param>
    public string For(string audience)
    {
        var now = _clock.GetUtcNow();
        if (_tokens.TryGetValue(audience, out var known) && now < known.RenewAt)
        {
            return known.Token;
        }

        var token = Mint(audience, now);
        _tokens[audience] = (token, now + Renewal);
        return token;
    }

    private string Mint(string audience, DateTimeOffset now) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = IssuerPrefix + _service,
        Audience = audience,
        IssuedAt = now.UtcDateTime,
        NotBefore = now.UtcDateTime,
        Expires = (now + Lifetime).UtcDateTime,
        Subject = new ClaimsIdentity([new Claim("sub", _service)]),
        SigningCredentials = _signer,
    });
}
