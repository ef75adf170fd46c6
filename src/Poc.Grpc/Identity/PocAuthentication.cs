using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Poc.Grpc;

/// <summary>Which bearer tokens a service accepts, and the one it shows to other services.</summary>
/// <remarks>
/// | setting | meaning |
/// | --- | --- |
/// | <c>Staff:Authority</c> | issuer URL of the organisation's OpenID provider; required outside Development |
/// | <c>Staff:Audience</c> | audience of its tokens; default <c>poc</c> |
/// | <c>Staff:DevelopmentKey</c> | P-256 public key (SubjectPublicKeyInfo, base64) of development tokens; outside Development the service refuses to start with
/// it |
/// | <c>ServiceIdentity:Name</c> | this service's name; default <c>OTEL_SERVICE_NAME</c>, which the launcher sets |
/// | <c>ServiceIdentity:PrivateKey</c> | P-256 private key (PKCS#8, base64) by which this service proves itself; needed to call others |
/// | <c>ServiceIdentity:Trusted:{name}</c> | P-256 public key (SubjectPublicKeyInfo, base64) of a service that may call this one |
/// </remarks>
public static class PocAuthentication
{
    /// <summary>Adds the recognition of staff and services by bearer token, and <see cref="ServiceTokens"/> where the service has a key of its own.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing, malformed, or not for this environment; the message names it.</exception>
    public static IHostApplicationBuilder AddPocAuthentication(this IHostApplicationBuilder builder)
    {
        var rules = new List<TokenRule>();
        var provider = AddStaff(builder, rules);
        AddServices(builder, rules);
        builder.Services.AddSingleton(services => new BearerTokens(rules, provider, services.GetRequiredService<ILogger<BearerTokens>>()));
        builder.Services.TryAddScoped<Authenticator>();
        return builder;
    }

    /// <returns>The rule for tokens of the OpenID provider; null where there is none.</returns>
    private static TokenRule? AddStaff(IHostApplicationBuilder builder, List<TokenRule> rules)
    {
        var development = builder.Environment.IsDevelopment();
        var authority = builder.Configuration["Staff:Authority"];
        if (string.IsNullOrEmpty(authority) && !development)
        {
            throw new InvalidOperationException(
                "Staff:Authority is missing: outside the Development environment staff sign in with an OpenID provider, and this is its issuer URL.");
        }

        if (builder.Configuration["Staff:DevelopmentKey"] is { Length: > 0 } developmentKey)
        {
            if (!development)
            {
                throw new InvalidOperationException(
                    $"Staff:DevelopmentKey is set in the environment '{builder.Environment.EnvironmentName}'. It works in Development only: remove the setting.");
            }

            rules.Add(TokenRule.OfKey(DevelopmentTokens.Issuer, DevelopmentTokens.Audience, Keys.Public(developmentKey, "Staff:DevelopmentKey"), TokenRule.Staff));
        }

        var audience = builder.Configuration["Staff:Audience"] ?? DevelopmentTokens.Audience;
        return string.IsNullOrEmpty(authority) ? null : TokenRule.OfProvider(authority, audience, requireHttps: !development);
    }

    private static void AddServices(IHostApplicationBuilder builder, List<TokenRule> rules)
    {
        var identity = builder.Configuration.GetSection("ServiceIdentity");
        var privateKey = identity["PrivateKey"] is { Length: > 0 } key ? key : null;
        var trusted = identity.GetSection("Trusted").GetChildren().Where(static child => !string.IsNullOrEmpty(child.Value)).ToList();
        if (privateKey is null && trusted.Count == 0)
        {
            return;
        }

        var name = identity["Name"] ?? builder.Configuration["OTEL_SERVICE_NAME"]
            ?? throw new InvalidOperationException("ServiceIdentity:Name is missing: it is the name under which other services know this one, e.g. \"archive\".");
        foreach (var child in trusted)
        {
            var caller = new Caller($"services/{child.Key}", new HashSet<string>(StringComparer.Ordinal) { Roles.ServicePrefix + child.Key });
            rules.Add(TokenRule.OfKey(ServiceTokens.IssuerPrefix + child.Key, name, Keys.Public(child.Value!, $"ServiceIdentity:Trusted:{child.Key}"), _ => caller));
        }

        if (privateKey is not null)
        {
            // Made here, not when it is first asked for: a bad key stops the start instead of the first call.
            var signer = Keys.Private(privateKey, "ServiceIdentity:PrivateKey");
            // By the machine's clock, as the callee will check it, whatever clock this service goes by.
            builder.Services.TryAddSingleton(new ServiceTokens(name, signer, TimeProvider.System));
        }
    }
}
