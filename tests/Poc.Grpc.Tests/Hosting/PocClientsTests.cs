using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Poc.Grpc.Tests.Hosting;

public sealed class PocClientsTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_finds_the_service_by_its_name_and_proves_who_it_is()
    {
        await using var server = await Server.StartAsync();
        await using var review = Review(server);

        var answer = await review.GetRequiredService<ProbeService.ProbeServiceClient>().EchoForReviewAsync(new ProbeRequest { Text = "hello" }, cancellationToken: Ended);

        Assert.Equal(("hello", "services/review"), (answer.Text, answer.Caller));
    }

    [Theory]
    [InlineData("refused", StatusCode.Unavailable, "DATABASE_UNAVAILABLE", PocClients.MaxAttempts)]
    [InlineData("etag", StatusCode.Aborted, "ETAG_MISMATCH", 1)]
    [InlineData("bug", StatusCode.Internal, "INTERNAL", 1)]
    public async Task Only_unavailable_is_tried_again(string failure, StatusCode code, string reason, int attempts)
    {
        await using var server = await Server.StartAsync();
        await using var review = Review(server);

        await review.GetRequiredService<ProbeService.ProbeServiceClient>()
            .FailAsync(new ProbeRequest { Text = failure }, deadline: TimeProvider.System.GetUtcNow().AddSeconds(30).UtcDateTime, cancellationToken: Ended)
            .RefusedAsync(code, reason);

        Assert.Equal(attempts, server.State.Calls);
    }

    [Fact]
    public async Task Nobody_waits_for_ever_for_a_service_that_does_not_answer()
    {
        await using var server = await Server.StartAsync();
        await using var review = Review(server);

        var call = review.GetRequiredService<ProbeService.ProbeServiceClient>().FailAsync(new ProbeRequest { Text = "ignore" }, cancellationToken: Ended);

        Assert.Equal(StatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.WaitAsync(PocClients.DefaultDeadline * 2, Ended))).StatusCode);
    }

    [Fact]
    public async Task A_service_without_a_key_of_its_own_is_told_what_it_lacks()
    {
        await using var server = await Server.StartAsync();
        await using var review = Review(server, withKey: false);

        var problem = Assert.Throws<InvalidOperationException>(() => review.GetRequiredService<ProbeService.ProbeServiceClient>());

        Assert.Contains("ServiceIdentity:PrivateKey", problem.Message, StringComparison.Ordinal);
    }

    // The calling side as a service has it, without its server.
    private static ServiceProvider Review(Server server, bool withKey = true)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["services:probe:grpc:0"] = server.Address,
            ["ServiceIdentity:Name"] = "review",
            ["ServiceIdentity:PrivateKey"] = withKey ? Server.ReviewKey.Private : "",
        });
        builder.AddServiceDefaults();
        builder.AddPocAuthentication();
        builder.AddPocClient<ProbeService.ProbeServiceClient>("probe");
        builder.Services.AddSingleton<IConfiguration>(builder.Configuration);
        return builder.Services.BuildServiceProvider();
    }
}
