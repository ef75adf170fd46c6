using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Poc.Grpc;

/// <summary>Which bearer tokens a service accepts, and the one it shows to other services.</summary>
/// <remarks>
/// | setting | meaning |
/// | --- | --- |
/// | <c>Staff:Authority</c> | issuer URL of the organisation's OpenID provider; required outside Development |
/// | <c>Staff:Audience</c> | audience of its tokens; default <c>poc</c> |
/// | <c>Staff:DevelopmentKey</c> | P-256 public key (SubjectPublicKeyInfo, base64) of development tokens; outside Development the service refuses to start with it |
/// | <c>ServiceIdentity:Name</c> | this service's name; default <c>OTEL_SERVICE_NAME</c>, which the launcher sets |
/// | <c>ServiceIdentity:PrivateKey</c> | P-256 private key (PKCS#8, base64) by which this service proves itself; needed to call others |
/// | <c>ServiceIdentity:Trusted:{name}</c> | P-256 public key (SubjectPublicKeyInfo, base64) of a service that may call this one |
/// </remarks>
public static class PocAuthentication
{
    internal const string Scheme = "bearer";
    private const string StaffScheme = "staff";
    private const string DevelopmentScheme = "staff-development";
    private const string NoScheme = "none";
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>Adds authentication of staff and services by bearer token, and <see cref="ServiceTokens"/> where the service has a key of its own.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing, malformed, or not for this environment; the message names it.</exception>
    public static IHostApplicationBuilder AddPocAuthentication(this IHostApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddScoped<Authenticator>();
        var schemes = new Dictionary<string, string>(StringComparer.Ordinal); // issuer → scheme
        var authentication = builder.Services.AddAuthentication();
        AddStaff(builder, authentication, schemes);
        AddServices(builder, authentication, schemes);
        var others = builder.Configuration["Staff:Authority"] is { Length: > 0 } ? StaffScheme : NoScheme;
        authentication.AddScheme<AuthenticationSchemeOptions, NobodyHandler>(NoScheme, null);
        authentication.AddPolicyScheme(Scheme, null, options => options.ForwardDefaultSelector = context => schemes.GetValueOrDefault(ClaimedIssuer(context.Request), others));
        return builder;
    }

    private static void AddStaff(IHostApplicationBuilder builder, AuthenticationBuilder authentication, Dictionary<string, string> schemes)
    {
        var development = builder.Environment.IsDevelopment();
        if (builder.Configuration["Staff:Authority"] is { Length: > 0 } authority)
        {
            authentication.AddJwtBearer(StaffScheme, options =>
            {
                options.Authority = authority;
                options.RequireHttpsMetadata = !development;
                options.MapInboundClaims = false;
                options.TokenValidationParameters = Strict(new TokenValidationParameters { ValidAudience = builder.Configuration["Staff:Audience"] ?? DevelopmentTokens.Audience });
            });
        }
        else if (!development)
        {
            throw new InvalidOperationException("Staff:Authority is missing: outside the Development environment staff sign in with an OpenID provider, and this is its issuer URL.");
        }

        if (builder.Configuration["Staff:DevelopmentKey"] is not { Length: > 0 } developmentKey)
        {
            return;
        }

        if (!development)
        {
            throw new InvalidOperationException(
                $"Staff:DevelopmentKey is set in the environment '{builder.Environment.EnvironmentName}'. Development keys work in Development only: remove the setting.");
        }

        AddFixedKey(authentication, DevelopmentScheme, DevelopmentTokens.Issuer, DevelopmentTokens.Audience, Keys.Public(developmentKey, "Staff:DevelopmentKey"));
        schemes.Add(DevelopmentTokens.Issuer, DevelopmentScheme);
    }

    private static void AddServices(IHostApplicationBuilder builder, AuthenticationBuilder authentication, Dictionary<string, string> schemes)
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
            var issuer = ServiceTokens.IssuerPrefix + child.Key;
            AddFixedKey(authentication, issuer, issuer, name, Keys.Public(child.Value!, $"ServiceIdentity:Trusted:{child.Key}"));
            schemes.Add(issuer, issuer);
        }

        if (privateKey is not null)
        {
            // Made here, not when first used: a bad key stops the start instead of the first call.
            var keyCheck = Keys.Private(privateKey, "ServiceIdentity:PrivateKey");
            keyCheck.ECDsa.Dispose();
            builder.Services.TryAddSingleton(services => new ServiceTokens(name, privateKey, services.GetRequiredService<TimeProvider>()));
        }
    }

    private static void AddFixedKey(AuthenticationBuilder authentication, string scheme, string issuer, string audience, SecurityKey key) =>
        authentication.AddJwtBearer(scheme, options =>
        {
            options.MapInboundClaims = false;
            options.TokenValidationParameters = Strict(new TokenValidationParameters { ValidIssuer = issuer, ValidAudience = audience, IssuerSigningKey = key });
            // Without an authority there is nothing to fetch; a null manager keeps the handler from looking.
            options.ConfigurationManager = null;
        });

    private static TokenValidationParameters Strict(TokenValidationParameters parameters)
    {
        parameters.ValidateIssuer = parameters.ValidateAudience = parameters.ValidateLifetime = parameters.ValidateIssuerSigningKey = true;
        parameters.RequireExpirationTime = parameters.RequireSignedTokens = parameters.RequireAudience = true;
        parameters.ClockSkew = ClockSkew;
        parameters.NameClaimType = "sub";
        parameters.RoleClaimType = "role";
        if (parameters.IssuerSigningKey is not null)
        {
            parameters.ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256];
        }

        return parameters;
    }

    // Read before anything is proven: it only chooses which key the token must verify under.
    private static string ClaimedIssuer(HttpRequest request)
    {
        const string Bearer = "Bearer ";
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return "";
        }

        try
        {
            return new JsonWebToken(header[Bearer.Length..].Trim()).Issuer;
        }
        catch (ArgumentException)
        {
            return "";
        }
    }
}
