using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Poc.Grpc.Tests.Identity;

public sealed class ServiceTokensTests
{
    [Fact]
    public void A_token_is_used_again_until_a_minute_before_its_end()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var tokens = new ServiceTokens("review", Server.ReviewKey.Private, clock);

        var first = tokens.For("archive");
        clock.Advance(TimeSpan.FromMinutes(4) - TimeSpan.FromTicks(1));
        Assert.Equal(first, tokens.For("archive"));
        clock.Advance(TimeSpan.FromTicks(1));
        var second = tokens.For("archive");

        Assert.NotEqual(first, second);
        Assert.Equal(clock.GetUtcNow().AddMinutes(5).UtcDateTime, new JsonWebToken(second).ValidTo, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Each_callee_has_a_token_of_its_own()
    {
        var tokens = new ServiceTokens("review", Server.ReviewKey.Private, TimeProvider.System);

        Assert.Equal(["archive"], new JsonWebToken(tokens.For("archive")).Audiences);
        Assert.Equal(["intake"], new JsonWebToken(tokens.For("intake")).Audiences);
    }
}
