using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Poc.Grpc;

/// <summary>Staff tokens for a development stack, signed by the key of this checkout. Services accept them in the Development environment only.</summary>
public static class DevelopmentTokens
{
    /// <summary>The issuer of these tokens.</summary>
    public const string Issuer = "poc-development";

    /// <summary>The audience of staff tokens.</summary>
    public const string Audience = "poc";

    /// <summary>A signed token (JWS, ES256) for a member of staff.</summary>
    /// <param name="privateKeyBase64">P-256 private key, PKCS#8, base64: the other half of <c>Staff:DevelopmentKey</c>.</param>
    /// <param name="subject">Who: <c>anna</c> or <c>staff/anna</c>; the caller's id becomes <c>staff/anna</c>.</param>
    /// <param name="roles">Roles from <see cref="Roles.Staff"/>.</param>
    /// <param name="lifetime">How long the token is valid from now.</param>
    /// <param name="clock">Gives now.</param>
    /// <exception cref="ArgumentException">A role that no staff token can give, or none.</exception>
    public static string Mint(string privateKeyBase64, string subject, IEnumerable<string> roles, TimeSpan lifetime, TimeProvider clock)
    {
        var given = roles.ToList();
        if (given.Count == 0 || given.Find(role => !Roles.Staff.Contains(role)) is { })
        {
            throw new ArgumentException($"Roles must be some of: {string.Join(", ", Roles.Staff.Order(StringComparer.Ordinal))}.", nameof(roles));
        }

        var sub = subject.StartsWith(Authenticator.StaffPrefix, StringComparison.Ordinal) ? subject[Authenticator.StaffPrefix.Length..] : subject;
        var key = Keys.Private(privateKeyBase64, "The development key");
        using var owned = key.ECDsa;
        var now = clock.GetUtcNow().UtcDateTime;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + lifetime,
            Subject = new ClaimsIdentity([new Claim("sub", sub), .. given.Select(static role => new Claim("role", role))]),
            // Not cached: the key is gone after this call.
            SigningCredentials = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256)
            {
                CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
            },
        });
    }
}
