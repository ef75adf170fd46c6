using System.Net;
using Aspire.Npgsql;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Poc.Testing;

namespace Aspire.ServiceDefaults.Tests.Clients;

// One after the other: activities and their listeners belong to the process, so a service would export the calls of a test beside it.
[Collection("one process")]
public sealed class AspirePostgreSqlNpgsqlExtensionsTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_starts_without_its_database_and_says_so()
    {
        await using var service = await StartAsync($"Host=127.0.0.1;Port={Service.FreePort()};Username=x;Password=canary-33d0");

        var (code, body) = await service.AskAsync("/health");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"Unhealthy","checks":{"postgres":"Unhealthy"}}"""), (code, body));
        Assert.Equal(HttpStatusCode.OK, (await service.AskAsync("/alive")).Code);
    }

    [Fact]
    public async Task A_service_with_its_database_is_ready_and_uses_it()
    {
        await using var service = await StartAsync(await Servers.NewDatabaseAsync("defaults"));

        Assert.Equal((HttpStatusCode.OK, """{"status":"Healthy","checks":{"postgres":"Healthy"}}"""), await service.AskAsync("/health"));
        await using var command = service.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("SELECT 42");
        Assert.Equal(42, await command.ExecuteScalarAsync(Ended));
    }

    [Fact]
    public async Task The_pool_is_small_and_notices_dead_links_unless_the_connection_string_says_otherwise()
    {
        await using var service = await StartAsync("Host=db");
        await using var other = await StartAsync("Host=db;MaxPoolSize=7;Timeout=9;Keepalive=0;Max Auto Prepare=0");

        var settings = Settings(service);
        var own = Settings(other);

        Assert.Equal((20, 5, 30, 30, false), (settings.MaxPoolSize, settings.Timeout, settings.KeepAlive, settings.MaxAutoPrepare, settings.Multiplexing));
        Assert.Equal((7, 9, 0, 0), (own.MaxPoolSize, own.Timeout, own.KeepAlive, own.MaxAutoPrepare));
    }

    [Fact]
    public async Task A_missing_connection_string_is_named()
    {
        await using var service = await StartAsync(null);

        var problem = Assert.Throws<InvalidOperationException>(service.Services.GetRequiredService<NpgsqlDataSource>);

        Assert.Contains("ConnectionStrings:intakedb", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_and_the_data_source_can_be_changed_in_code()
    {
        var configured = false;
        await using var service = await Service.StartAsync(builder => builder.AddNpgsqlDataSource(
            "intakedb",
            static settings => (settings.ConnectionString, settings.DisableHealthChecks) = ("Host=elsewhere", true),
            _ => configured = true));

        Assert.Contains("elsewhere", service.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString, StringComparison.Ordinal);
        Assert.True(configured);
        Assert.Equal("""{"status":"Healthy","checks":{}}""", (await service.AskAsync("/health")).Body);
    }

    [Fact]
    public void Its_signature_is_that_of_Aspire() =>
        Assert.Equal(
            ["builder: IHostApplicationBuilder", "connectionName: String", "configureSettings: Action<NpgsqlSettings>", "configureDataSourceBuilder: Action<NpgsqlDataSourceBuilder>"],
            Signatures.Of(typeof(AspirePostgreSqlNpgsqlExtensions), nameof(AspirePostgreSqlNpgsqlExtensions.AddNpgsqlDataSource)));

    private static NpgsqlConnectionStringBuilder Settings(Service service) => new(service.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);

    private static Task<Service> StartAsync(string? connectionString) =>
        Service.StartAsync(static builder => builder.AddNpgsqlDataSource("intakedb"), settings: new Dictionary<string, string?> { ["ConnectionStrings:intakedb"] = connectionString });
}
