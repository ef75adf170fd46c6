using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Poc.Grpc.Tests.Identity;

public sealed class DevelopmentTokensTests
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [Theory]
    [InlineData("anna")]
    [InlineData("staff/anna")]
    public void A_token_says_who_what_for_whom_and_until_when(string subject)
    {
        var token = new JsonWebToken(DevelopmentTokens.Mint(Server.StaffKey.Private, subject, [Roles.Reviewer, Roles.Auditor], TimeSpan.FromHours(8), Clock));

        Assert.Equal(("poc-development", "anna", "ES256"), (token.Issuer, token.Subject, token.Alg));
        Assert.Equal(["poc"], token.Audiences);
        Assert.Equal(["reviewer", "auditor"], token.Claims.Where(static claim => claim.Type == "role").Select(static claim => claim.Value));
        Assert.Equal(Clock.GetUtcNow().AddHours(8).UtcDateTime, token.ValidTo);
        Assert.Equal(Clock.GetUtcNow().UtcDateTime, token.ValidFrom);
    }

    [Theory]
    [InlineData("partner")]
    [InlineData("service-review")]
    [InlineData("anonymous")]
    [InlineData("boss")]
    public void No_token_for_a_role_that_staff_do_not_have(string role) =>
        Assert.Throws<ArgumentException>(() => DevelopmentTokens.Mint(Server.StaffKey.Private, "anna", [Roles.Reviewer, role], TimeSpan.FromHours(8), Clock));

    [Fact]
    public void No_token_without_a_role() =>
        Assert.Throws<ArgumentException>(() => DevelopmentTokens.Mint(Server.StaffKey.Private, "anna", [], TimeSpan.FromHours(8), Clock));
}
