using Poc.LocalHost.Running;
using Poc.LocalHost.Tests.Samples;

namespace Poc.LocalHost.Tests.Running;

public sealed class EnvironmentTests
{
    [Fact]
    public async Task Gives_a_project_what_Aspire_would()
    {
        await Testing.Servers.RequireAsync("postgresql", "rabbitmq-server");
        await using var stack = await TestStack.StartAsync(builder =>
        {
            var key = builder.AddParameter("api-key", secret: true);
            var database = builder.AddPostgres("postgres").AddDatabase("sample-db", "sampledb");
            var redis = builder.AddRedis("redis");
            var bus = builder.AddRabbitMQ("bus").WithManagementPlugin();
            var other = builder.AddProject<Projects.Poc_LocalHost_Tests_Sample>("other-service");
            builder.AddProject<Projects.Poc_LocalHost_Tests_Sample>("sample")
                .WithReference(database).WithReference(redis).WithReference(bus).WithReference(other)
                .WithEnvironment("Api__Key", key)
                .WithEnvironment("Other__Url", other.GetEndpoint("web"))
                .WithEnvironment("SAMPLE_SET_BOTH", "explicit")
                .WithEndpoint(scheme: "tcp", name: "smtp", env: "SMTP_PORT")
                .WithEndpointsInEnvironment(endpoint => endpoint.UriScheme == "http")
                .WaitFor(database).WaitFor(redis).WaitFor(bus)
                .WithHttpHealthCheck("/health", endpointName: "web");
        }, "--Parameters:api-key", "s3cret", "--OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317", "--OTEL_EXPORTER_OTLP_HEADERS", "x-key=1");
        await stack.HealthyAsync("sample");
        var environment = await stack.EnvironmentAsync("sample");
        var inherited = Environment.GetEnvironmentVariables();

        string[] listed =
        [
            "ConnectionStrings__sample-db", "SAMPLE_DB_HOST", "SAMPLE_DB_PORT", "SAMPLE_DB_USERNAME", "SAMPLE_DB_PASSWORD", "SAMPLE_DB_URI", "SAMPLE_DB_DATABASENAME",
            "ConnectionStrings__redis", "REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_URI",
            "ConnectionStrings__bus", "BUS_HOST", "BUS_PORT", "BUS_USERNAME", "BUS_PASSWORD", "BUS_URI",
            "services__other-service__grpc__0", "services__other-service__web__0", "OTHER_SERVICE_GRPC", "OTHER_SERVICE_WEB",
            "Kestrel__Endpoints__grpc__Url", "Kestrel__Endpoints__web__Url",
            "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES",
            "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_TRACES_SAMPLER", "OTEL_METRICS_EXEMPLAR_FILTER",
            "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT",
            "Api__Key", "Other__Url", "SMTP_PORT", "SAMPLE_SET_BOTH", "SAMPLE_FROM_PROFILE",
        ];
        // The shell that starts a process adds these by itself.
        string[] shell = ["PWD", "OLDPWD", "SHLVL", "_"];
        Assert.Equal(listed.Order(), environment.Keys.Where(name => (!inherited.Contains(name) || listed.Contains(name)) && !shell.Contains(name)).Order());

        Assert.Matches(@"^Host=127\.0\.0\.1;Port=\d+;Username=postgres;Password=\w+;Database=sampledb$", environment["ConnectionStrings__sample-db"]);
        Assert.Matches(@"^postgresql://postgres:\w+@127\.0\.0\.1:\d+/sampledb$", environment["SAMPLE_DB_URI"]);
        Assert.Equal($"127.0.0.1:{environment["REDIS_PORT"]},password={environment["REDIS_PASSWORD"]}", environment["ConnectionStrings__redis"]);
        Assert.Equal($"amqp://{environment["BUS_USERNAME"]}:{environment["BUS_PASSWORD"]}@127.0.0.1:{environment["BUS_PORT"]}", environment["ConnectionStrings__bus"]);
        Assert.Equal(stack.Url("other-service", "grpc"), environment["services__other-service__grpc__0"]);
        Assert.Equal(environment["services__other-service__web__0"], environment["OTHER_SERVICE_WEB"]);
        Assert.Equal(environment["services__other-service__web__0"], environment["Other__Url"]);
        Assert.Matches(@"^http://localhost:\d+$", environment["Kestrel__Endpoints__web__Url"]);
        Assert.NotEqual(stack.Url("sample"), environment["Kestrel__Endpoints__web__Url"]);
        Assert.Equal(("s3cret", "explicit", "profile"), (environment["Api__Key"], environment["SAMPLE_SET_BOTH"], environment["SAMPLE_FROM_PROFILE"]));
        Assert.Equal(("sample", "service.instance.id=sample-1", "grpc"), (environment["OTEL_SERVICE_NAME"], environment["OTEL_RESOURCE_ATTRIBUTES"], environment["OTEL_EXPORTER_OTLP_PROTOCOL"]));
        Assert.Equal(("always_on", "1000"), (environment["OTEL_TRACES_SAMPLER"], environment["OTEL_BSP_SCHEDULE_DELAY"]));
    }

    [Fact]
    public void Sets_the_web_servers_addresses_where_the_settings_name_no_endpoints()
    {
        var folder = TestStack.NewFolder();
        using var project = SampleProject.In(folder, launchSettings: """{"profiles":{"a":{"commandName":"Project","applicationUrl":"http://localhost:1;http://localhost:2"}}}""");
        var builder = TestStack.NewBuilder(folder + "-state");
        var service = builder.AddProject<SampleProject>("service");
        using var app = builder.Build();
        var stack = Assert.IsType<Stack>(app.Services.GetService(typeof(Stack)));
        var ports = service.Resource.Endpoints.Select((endpoint, index) => (endpoint, index)).ToDictionary(item => item.endpoint, item => 1000 + item.index);

        var environment = new ProjectRunner(stack, service.Resource).EnvironmentOf(1, ports);

        Assert.Equal("http://localhost:1000;http://localhost:1001", environment["ASPNETCORE_URLS"]);
        Assert.False(environment.ContainsKey("OTEL_EXPORTER_OTLP_ENDPOINT"));
        Assert.DoesNotContain(environment.Keys, name => name.StartsWith("Kestrel__", StringComparison.Ordinal));
        builder.State.Dispose();
    }

    [Theory]
    [InlineData("intake", "intake")]
    [InlineData("other-service", "other_service")]
    [InlineData("3d", "_3d")]
    public void Makes_a_name_a_part_of_a_variable(string name, string expected) => Assert.Equal(expected, EnvironmentValues.Encode(name));
}
