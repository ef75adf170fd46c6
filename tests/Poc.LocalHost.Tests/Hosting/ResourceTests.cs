namespace Poc.LocalHost.Tests.Hosting;

public sealed class ResourceTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("intake")]
    [InlineData("Intake2")]
    [InlineData("other-service-3")]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg")]
    public void Accepts_a_name(string name) => Assert.Equal(name, new RedisResource(name).Name);

    [Theory]
    [InlineData("")]
    [InlineData("2intake")]
    [InlineData("-intake")]
    [InlineData("intake-")]
    [InlineData("in--take")]
    [InlineData("in_take")]
    [InlineData("in take")]
    [InlineData("прием")]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggh")]
    public void Refuses_a_name(string name) => Assert.Throws<ArgumentException>(() => new RedisResource(name));

    [Fact]
    public void Refuses_a_second_resource_of_a_name()
    {
        var builder = TestStack.NewBuilder(TestStack.NewFolder());
        using var state = builder.State;
        builder.AddRedis("redis");
        Assert.Contains("'Redis'", Assert.Throws<DistributedApplicationException>(() => builder.AddRedis("Redis")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_health_check_on_an_endpoint_that_is_not_there()
    {
        var builder = TestStack.NewBuilder(TestStack.NewFolder());
        using var state = builder.State;
        var sample = builder.AddProject<Projects.Poc_LocalHost_Tests_Sample>("sample");
        var failure = Assert.Throws<DistributedApplicationException>(() => sample.WithHttpHealthCheck("/health", endpointName: "http"));
        Assert.Contains("grpc, web", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_every_parameter_without_a_value_and_how_to_give_it()
    {
        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => TestStack.StartAsync(builder =>
        {
            builder.AddParameter("given");
            builder.AddParameter("empty");
            builder.AddParameter("api-key", secret: true);
            builder.AddParameter("other");
        }, "--Parameters:given", "x", "--Parameters:empty", ""));
        Assert.Contains("'api-key' and the parameter 'other'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--Parameters:api-key", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("given", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("empty", failure.Message, StringComparison.Ordinal);
    }
}
