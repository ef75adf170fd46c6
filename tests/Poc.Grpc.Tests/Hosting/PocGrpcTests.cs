using System.ComponentModel.DataAnnotations;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Poc.Grpc.Tests.Hosting;

public sealed class PocGrpcTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Development")]
    [InlineData("Production")]
    public async Task Health_is_answered_in_every_environment_from_the_checks_tagged_ready(string environment)
    {
        var database = HealthStatus.Unhealthy;
        await using var server = await Server.StartAsync(environment: environment, configure: builder => builder.Services.AddHealthChecks()
            .AddCheck("self", static () => HealthCheckResult.Unhealthy(), ["live"])
            .AddCheck("postgres", () => new HealthCheckResult(database), ["ready"]));
        var health = new Health.HealthClient(server.Channel);

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, (await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Ended)).Status);
        database = HealthStatus.Healthy;
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, (await health.CheckAsync(new HealthCheckRequest(), cancellationToken: Ended)).Status);
    }

    [Fact]
    public async Task Health_of_a_service_it_does_not_know_is_not_found()
    {
        await using var server = await Server.StartAsync();

        await new Health.HealthClient(server.Channel).CheckAsync(new HealthCheckRequest { Service = "poc.other.v1" }, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "NOT_FOUND");
    }

    [Theory]
    [InlineData("Development", true)]
    [InlineData("Staging", false)]
    [InlineData("Production", false)]
    public async Task Reflection_is_there_in_development_only(string environment, bool there)
    {
        await using var server = await Server.StartAsync(environment: environment);
        using var call = new ServerReflection.ServerReflectionClient(server.Channel).ServerReflectionInfo(cancellationToken: Ended);
        await call.RequestStream.TryWriteAsync(new ServerReflectionRequest { ListServices = "" });

        if (there)
        {
            Assert.True(await call.ResponseStream.MoveNext(Ended));
            Assert.Contains(call.ResponseStream.Current.ListServicesResponse.Service, static service => service.Name == "poc.probe.v1.ProbeService");
        }
        else
        {
            await call.ResponseStream.MoveNext(Ended).RefusedAsync(StatusCode.Unimplemented, "METHOD_UNKNOWN");
        }
    }

    [Fact]
    public void Limits_out_of_range_stop_the_start() =>
        Assert.Throws<ValidationException>(() => Server.Build(new Dictionary<string, string?> { ["Grpc:MaxMessageBytes"] = "1" }));

    [Fact]
    public void A_service_without_authentication_cannot_be_mapped()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.AddPocGrpc();

        var problem = Assert.Throws<InvalidOperationException>(() => builder.Build().MapPocGrpc<Probe>());

        Assert.Contains("AddPocAuthentication", problem.Message, StringComparison.Ordinal);
    }
}
