using System.Collections.Frozen;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Poc.Grpc;

/// <summary>
/// What a token of one issuer must be, and who its bearer then is. One issuer, its own keys, its own audience: no token passes under another's rule.
/// </summary>
internal sealed class TokenRule
{
    // RFC 8725: name the algorithms. All asymmetric, so that a public key can never pass for a shared secret.
    private static readonly string[] ProviderAlgorithms =
    [
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSsaPssSha256,
    ];

    private TokenRule(string issuer, TokenValidationParameters parameters, Func<JsonWebToken, Caller?> bearer)
    {
        Issuer = issuer;
        Parameters = parameters;
        Bearer = bearer;
        parameters.RequireExpirationTime = parameters.RequireSignedTokens = parameters.RequireAudience = true;
        parameters.ClockSkew = TimeSpan.FromSeconds(30);
    }

    public string Issuer { get; }

    public TokenValidationParameters Parameters { get; }

    /// <summary>Who bears a valid token; null when it names nobody acceptable.</summary>
    public Func<JsonWebToken, Caller?> Bearer { get; }

    /// <summary>Tokens signed by one known P-256 key (ES256).</summary>
    public static TokenRule OfKey(string issuer, string audience, SecurityKey key, Func<JsonWebToken, Caller?> bearer) =>
        new(
            issuer,
            new TokenValidationParameters { ValidIssuer = issuer, ValidAudience = audience, IssuerSigningKey = key, ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256] },
            bearer);

    /// <summary>Staff tokens of an OpenID provider (OpenID Connect Discovery 1.0); its keys are fetched when needed and kept as it rolls them over.</summary>
    public static TokenRule OfProvider(string authority, string audience, bool requireHttps)
    {
        var metadata = authority.TrimEnd('/') + "/.well-known/openid-configuration";
        var configuration = new ConfigurationManager<OpenIdConnectConfiguration>(
            metadata, new OpenIdConnectConfigurationRetriever(), new HttpDocumentRetriever { RequireHttps = requireHttps });
        return new TokenRule(
            authority,
            new TokenValidationParameters { ConfigurationManager = configuration, ValidAudience = audience, ValidAlgorithms = ProviderAlgorithms },
            Staff);
    }

    /// <summary>The member of staff a token names: <c>staff/{sub}</c>, with those of the claims <c>role</c> that are staff roles.</summary>
    public static Caller? Staff(JsonWebToken token) =>
        token.Subject is { Length: > 0 and <= 255 } subject && !subject.Any(static c => c == '/' || char.IsControl(c) || char.IsWhiteSpace(c))
            ? new Caller(
                Authenticator.StaffPrefix + subject,
                token.Claims.Where(static claim => claim.Type == "role").Select(static claim => claim.Value).Where(Roles.Staff.Contains).ToFrozenSet(StringComparer.Ordinal))
            : null;

    /// <summary>Fetches the provider's keys where there is a provider and they are not at hand.</summary>
    /// <exception cref="InvalidOperationException">It does not answer.</exception>
    public Task EnsureKeysAsync(CancellationToken cancellation) =>
        Parameters.ConfigurationManager is { } provider ? provider.GetBaseConfigurationAsync(cancellation) : Task.CompletedTask;
}
