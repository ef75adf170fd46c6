using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Poc.Grpc.Tests.Identity;

public sealed class PocAuthenticationTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static TheoryData<string> BadTokens => [.. Bad.Keys];

    private static Dictionary<string, Func<string>> Bad { get; } = new(StringComparer.Ordinal)
    {
        ["expired"] = () => DevelopmentTokens.Mint(Server.StaffKey.Private, "anna", [Roles.Reviewer], TimeSpan.FromMinutes(5), Ago(TimeSpan.FromMinutes(6))),
        ["of the future"] = () => DevelopmentTokens.Mint(Server.StaffKey.Private, "anna", [Roles.Reviewer], TimeSpan.FromMinutes(5), Ago(TimeSpan.FromMinutes(-6))),
        ["without an end"] = () => Mint(Server.StaffKey, static t => t.Expires = null, withoutLifetime: true),
        ["for another audience"] = () => Mint(Server.StaffKey, static t => t.Audience = "shop"),
        ["without an audience"] = () => Mint(Server.StaffKey, static t => t.Audience = null),
        ["of an unknown issuer"] = () => Mint(Server.StaffKey, static t => t.Issuer = "https://elsewhere.example"),
        ["by another key"] = () => Mint(new KeyPair(), static _ => { }),
        ["of staff by a service's key"] = () => Mint(Server.ReviewKey, static _ => { }),
        ["of a service by the staff's key"] = () => Mint(Server.StaffKey, static t => (t.Issuer, t.Audience) = ("poc-service/review", "probe")),
        ["without a signature"] = () => new JsonWebTokenHandler().CreateToken(Descriptor(static _ => { })),
        ["signed with the public key as a shared secret"] = () => new JsonWebTokenHandler().CreateToken(Descriptor(static t =>
            t.SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Convert.FromBase64String(Server.StaffKey.Public)), SecurityAlgorithms.HmacSha256))),
        ["altered"] = static () => Alter(DevelopmentTokens.Mint(Server.StaffKey.Private, "anna", [Roles.Auditor], TimeSpan.FromMinutes(5), TimeProvider.System)),
        ["for nobody"] = () => Mint(Server.StaffKey, static t => t.Subject = new ClaimsIdentity([new Claim("role", Roles.Reviewer)])),
        ["for a path"] = () => Mint(Server.StaffKey, static t => t.Subject = new ClaimsIdentity([new Claim("sub", "../partners/p1"), new Claim("role", Roles.Reviewer)])),
        ["that is no token"] = static () => "a.b.c",
        ["that is empty"] = static () => "",
    };

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task Refuses_a_token(string kind)
    {
        await using var server = await Server.StartAsync();

        await server.Probe.EchoForReviewersAsync(new ProbeRequest(), Server.Bearer(Bad[kind]()), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
        await server.Probe.EchoAsync(new ProbeRequest(), Server.Bearer(Bad[kind]()), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
    }

    [Fact]
    public async Task Accepts_the_very_token_that_the_bad_ones_differ_from()
    {
        await using var server = await Server.StartAsync();

        var answer = await server.Probe.EchoForReviewersAsync(new ProbeRequest(), Server.Bearer(Mint(Server.StaffKey, static _ => { })), cancellationToken: Ended);

        Assert.Equal("staff/anna", answer.Caller);
    }

    [Fact]
    public async Task Tokens_and_keys_are_never_logged()
    {
        await using var server = await Server.StartAsync(configure: static builder => builder.Services.AddSingleton<ICredentialCheck, PartnerKeys>());
        var token = Mint(new KeyPair(), static _ => { });

        await server.Probe.EchoForReviewersAsync(new ProbeRequest(), Server.Bearer(token), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
        await server.Probe.EchoForPartnersAsync(new ProbeRequest(), Key("poc_p1_wrong-key"), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");

        Assert.Contains(server.Log.Lines, static line => line.Contains("CREDENTIAL_INVALID", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Log.Lines, line => line.Contains(token[^20..], StringComparison.Ordinal) || line.Contains("wrong-key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_staff_token_cannot_make_a_partner_or_a_service()
    {
        await using var server = await Server.StartAsync();
        var token = Mint(Server.StaffKey, static t => t.Subject = new ClaimsIdentity(
            [new Claim("sub", "eve"), new Claim("role", Roles.Partner), new Claim("role", Roles.ServiceReview), new Claim("role", Roles.Auditor), new Claim("role", "root")]));

        Assert.Equal(["auditor"], (await server.Probe.EchoAsync(new ProbeRequest(), Server.Bearer(token), cancellationToken: Ended)).Roles);
        await server.Probe.EchoForPartnersAsync(new ProbeRequest(), Server.Bearer(token), cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
        await server.Probe.EchoForReviewAsync(new ProbeRequest(), Server.Bearer(token), cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
    }

    [Fact]
    public async Task A_service_proves_itself_to_the_one_it_calls_and_to_no_other()
    {
        await using var server = await Server.StartAsync();
        var tokens = new ServiceTokens("review", Server.ReviewKey.Private, TimeProvider.System);

        Assert.Equal("services/review", (await server.Probe.EchoForReviewAsync(new ProbeRequest(), Server.Bearer(tokens.For("probe")), cancellationToken: Ended)).Caller);
        await server.Probe.EchoForReviewAsync(new ProbeRequest(), Server.Bearer(tokens.For("archive")), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
        var stranger = new ServiceTokens("notification", Server.ReviewKey.Private, TimeProvider.System);
        await server.Probe.EchoForReviewAsync(new ProbeRequest(), Server.Bearer(stranger.For("probe")), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
    }

    [Fact]
    public async Task A_services_own_kind_of_credential_makes_its_caller()
    {
        await using var server = await Server.StartAsync(configure: static builder => builder.Services.AddSingleton<ICredentialCheck, PartnerKeys>());

        Assert.Equal("partners/p1", (await server.Probe.EchoForPartnersAsync(new ProbeRequest(), Key("poc_p1_right"), cancellationToken: Ended)).Caller);
        await server.Probe.EchoForPartnersAsync(new ProbeRequest(), Key("poc_p1_wrong"), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
        await server.Probe.EchoForReviewersAsync(new ProbeRequest(), Key("poc_p1_right"), cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
    }

    [Fact]
    public async Task Two_credentials_at_once_are_refused_since_it_is_not_clear_who_calls()
    {
        await using var server = await Server.StartAsync(configure: static builder => builder.Services.AddSingleton<ICredentialCheck, PartnerKeys>());
        var both = Server.Staff(Roles.Reviewer);
        both.Add("x-api-key", "poc_p1_right");

        await server.Probe.EchoAsync(new ProbeRequest(), both, cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
    }

    [Fact]
    public async Task Staff_sign_in_with_the_organisations_provider_and_its_rules()
    {
        await using var provider = await OpenIdProvider.StartAsync();
        await using var server = await Server.StartAsync(new Dictionary<string, string?> { ["Staff:Authority"] = provider.Issuer });

        Assert.Equal("staff/anna", (await server.Probe.EchoForReviewersAsync(new ProbeRequest(), Server.Bearer(provider.Token()), cancellationToken: Ended)).Caller);
        foreach (var bad in new[]
        {
            provider.Token(static t => t.Audience = "shop"),
            provider.Token(static t => t.Issuer = "https://elsewhere.example"),
            provider.Token(static t => t.Expires = TimeProvider.System.GetUtcNow().AddMinutes(-5).UtcDateTime),
            provider.Token(static t => t.SigningCredentials = new SigningCredentials(new RsaSecurityKey(RSA.Create(2048)) { KeyId = OpenIdProvider.KeyId }, SecurityAlgorithms.RsaSha256)),
        })
        {
            await server.Probe.EchoForReviewersAsync(new ProbeRequest(), Server.Bearer(bad), cancellationToken: Ended).RefusedAsync(StatusCode.Unauthenticated, "CREDENTIAL_INVALID");
        }
    }

    [Fact]
    public async Task Staff_of_a_provider_that_does_not_answer_are_told_to_come_back()
    {
        var nobody = new Dictionary<string, string?> { ["Staff:Authority"] = $"http://127.0.0.1:{ClosedPort()}" };
        await using var server = await Server.StartAsync(nobody);

        await server.Probe.EchoForReviewersAsync(new ProbeRequest(), Server.Bearer(Mint(Server.StaffKey, static t => t.Issuer = "https://staff.example")), cancellationToken: Ended)
            .RefusedAsync(StatusCode.Unavailable, "IDENTITY_PROVIDER_UNAVAILABLE");
        // Who does not need the provider is served.
        await server.Probe.EchoForReviewersAsync(new ProbeRequest(), Server.Staff(Roles.Reviewer), cancellationToken: Ended);
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public void A_development_key_outside_development_stops_the_start(string environment)
    {
        var problem = Assert.Throws<InvalidOperationException>(() => Server.Build(new Dictionary<string, string?> { ["Staff:DevelopmentKey"] = Server.StaffKey.Public }, environment: environment));

        Assert.Contains("Staff:DevelopmentKey", problem.Message, StringComparison.Ordinal);
        Assert.Contains(environment, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Staff:Authority", "", "Production")]
    [InlineData("Staff:DevelopmentKey", "AAAA", "Development")]
    [InlineData("ServiceIdentity:Trusted:review", "not base64", "Development")]
    [InlineData("ServiceIdentity:PrivateKey", "AAAA", "Development")]
    [InlineData("ServiceIdentity:Name", null, "Development")]
    public void A_setting_that_is_missing_or_malformed_stops_the_start_and_is_named(string setting, string? value, string environment)
    {
        var problem = Assert.Throws<InvalidOperationException>(() => Server.Build(new Dictionary<string, string?> { [setting] = value }, environment: environment));

        Assert.Contains(setting, problem.Message, StringComparison.Ordinal);
        Assert.True(string.IsNullOrEmpty(value) || !problem.Message.Contains(value, StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_of_another_curve_stops_the_start()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Assert.Throws<InvalidOperationException>(() => Server.Build(new Dictionary<string, string?> { ["Staff:DevelopmentKey"] = Convert.ToBase64String(p384.ExportSubjectPublicKeyInfo()) }));
    }

    private static FakeTimeProvider Ago(TimeSpan time) => new(TimeProvider.System.GetUtcNow() - time);

    private static Metadata Key(string key) => new() { { "x-api-key", key } };

    private static SecurityTokenDescriptor Descriptor(Action<SecurityTokenDescriptor> change)
    {
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = DevelopmentTokens.Issuer,
            Audience = DevelopmentTokens.Audience,
            Expires = TimeProvider.System.GetUtcNow().AddMinutes(5).UtcDateTime,
            Subject = new ClaimsIdentity([new Claim("sub", "anna"), new Claim("role", Roles.Reviewer)]),
        };
        change(descriptor);
        return descriptor;
    }

    private static string Mint(KeyPair key, Action<SecurityTokenDescriptor> change, bool withoutLifetime = false) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = !withoutLifetime }.CreateToken(Descriptor(t =>
        {
            var ec = ECDsa.Create();
            ec.ImportPkcs8PrivateKey(Convert.FromBase64String(key.Private), out _);
            t.SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(ec), SecurityAlgorithms.EcdsaSha256);
            change(t);
        }));

    // The same signature under other claims.
    private static string Alter(string token)
    {
        var parts = token.Split('.');
        var claims = Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(parts[1])).Replace(Roles.Auditor, Roles.Reviewer, StringComparison.Ordinal);
        return $"{parts[0]}.{Base64UrlEncoder.Encode(claims)}.{parts[2]}";
    }

    private static int ClosedPort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class PartnerKeys : ICredentialCheck
    {
        public string Header => "x-api-key";

        public ValueTask<Caller?> CheckAsync(string credential, HttpContext call) => ValueTask.FromResult(
            CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(credential), "poc_p1_right"u8) ? new Caller("partners/p1", new HashSet<string> { Roles.Partner }) : null);
    }
}
