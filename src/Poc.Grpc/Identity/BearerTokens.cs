using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Poc.Grpc;

/// <summary>Validates bearer tokens: the issuer a token claims chooses the rule, and the rule's keys prove the claim.</summary>
/// <param name="rules">The rules of known issuers.</param>
/// <param name="provider">The rule of every other issuer; null: they are refused.</param>
/// <param name="logger">Is told why a token was refused, never the token.</param>
internal sealed class BearerTokens(IReadOnlyCollection<TokenRule> rules, TokenRule? provider, ILogger<BearerTokens> logger)
{
    private readonly FrozenDictionary<string, TokenRule> _rules = rules.ToFrozenDictionary(static rule => rule.Issuer, StringComparer.Ordinal);
    private readonly JsonWebTokenHandler _handler = new();

    /// <returns>The bearer; null when the token is not valid.</returns>
    /// <exception cref="RpcError">UNAVAILABLE IDENTITY_PROVIDER_UNAVAILABLE: the keys to tell are not to be had.</exception>
    public async ValueTask<Caller?> CheckAsync(string token, CancellationToken cancellation)
    {
        if (!_handler.CanReadToken(token) || Claims(token) is not { } claimed || (_rules.GetValueOrDefault(claimed.Issuer) ?? provider) is not { } rule)
        {
            logger.LogInformation("A bearer token was not accepted: {Problem}", "it is malformed or its issuer is not known here");
            return null;
        }

        try
        {
            await rule.EnsureKeysAsync(cancellation);
        }
        catch (InvalidOperationException problem)
        {
            throw CommonErrors.IdentityProviderUnavailable(problem);
        }

        var result = await _handler.ValidateTokenAsync(token, rule.Parameters);
        if (!result.IsValid)
        {
            // The type says which check failed (lifetime, audience, signature); the text may quote the token's claims.
            logger.LogInformation("A bearer token was not accepted: {Problem}", result.Exception.GetType().Name);
            return null;
        }

        return rule.Bearer((JsonWebToken)result.SecurityToken);
    }

    private JsonWebToken? Claims(string token)
    {
        try
        {
            return _handler.ReadJsonWebToken(token);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
