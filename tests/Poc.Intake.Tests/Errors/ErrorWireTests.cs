using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Testing;

namespace Poc.Intake.Tests.Errors;

/// <summary>Every reason of Intake's catalogue, as it arrives over gRPC and over JSON: a service on Intake's own edge throws what the call asks for.</summary>
public sealed partial class ErrorWireTests(ErrorWireTests.Edge edge) : IClassFixture<ErrorWireTests.Edge>
{
    // The mapping that google.rpc.Code documents.
    private static readonly Dictionary<StatusCode, int> HttpStatus = new()
    {
        [StatusCode.InvalidArgument] = 400,
        [StatusCode.FailedPrecondition] = 400,
        [StatusCode.OutOfRange] = 400,
        [StatusCode.Unauthenticated] = 401,
        [StatusCode.PermissionDenied] = 403,
        [StatusCode.NotFound] = 404,
        [StatusCode.AlreadyExists] = 409,
        [StatusCode.Aborted] = 409,
        [StatusCode.ResourceExhausted] = 429,
        [StatusCode.Cancelled] = 499,
        [StatusCode.Internal] = 500,
        [StatusCode.Unimplemented] = 501,
        [StatusCode.Unavailable] = 503,
        [StatusCode.DeadlineExceeded] = 504,
    };

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static TheoryData<string> Factories => [.. ErrorCatalogue.ByFactory.Keys.Order(StringComparer.Ordinal)];

    [Fact]
    public void The_catalogue_is_that_of_the_document()
    {
        var documented = Row().Matches(File.ReadAllText(Checkout.Path("docs", "errors.md"))).Where(static row => row.Groups["from"].Value is "Intake" or "all").Select(static row => row.Groups["reason"].Value);

        Assert.Equal(documented.Distinct().Order(StringComparer.Ordinal), ErrorCatalogue.ByFactory.Values.Select(static error => error.Reason).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Factories))]
    public async Task Arrives_over_gRPC(string factory)
    {
        var error = ErrorCatalogue.ByFactory[factory];

        var refusal = await edge.Client.GetRequestAsync(new GetRequestRequest { Name = $"partners/any/requests/{factory}" }, cancellationToken: Ended).RefusedAsync(error.Code, error.Reason);

        var status = refusal.GetRpcStatus()!;
        Assert.Equal(error.Message, refusal.Status.Detail);
        Assert.Equal(error.Metadata.OrderBy(static pair => pair.Key, StringComparer.Ordinal), refusal.Info().Metadata.OrderBy(static pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal(error.FieldViolations, (status.GetDetail<BadRequest>()?.FieldViolations ?? []).Select(static violation => new Grpc.FieldViolation(violation.Field, violation.Description)));
        Assert.Equal(error.RetryAfter, status.GetDetail<RetryInfo>()?.RetryDelay.ToTimeSpan());
        Assert.Equal(error.RetryAfter is { } pause ? pause.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) : null, refusal.Trailers.GetValue("grpc-retry-pushback-ms"));
        Assert.Equal(error.Quota?.Subject, status.GetDetail<QuotaFailure>()?.Violations.Single().Subject);
    }

    [Theory]
    [MemberData(nameof(Factories))]
    public async Task Arrives_over_JSON(string factory)
    {
        var error = ErrorCatalogue.ByFactory[factory];

        using var response = await edge.Http.GetAsync($"/v1/partners/any/requests/{factory}", Ended);

        Assert.Equal(HttpStatus[error.Code], (int)response.StatusCode);
        var body = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Ended));
        Assert.Equal(((int)error.Code, error.Message), (body.GetProperty("code").GetInt32(), body.GetProperty("message").GetString()));
        var info = Detail("ErrorInfo")!.Value;
        Assert.Equal((error.Reason, "poc"), (info.GetProperty("reason").GetString(), info.GetProperty("domain").GetString()));
        Assert.Equal(
            error.Metadata.OrderBy(static pair => pair.Key, StringComparer.Ordinal),
            info.GetProperty("metadata").EnumerateObject().Select(static pair => new KeyValuePair<string, string>(pair.Name, pair.Value.GetString()!)).OrderBy(static pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal(
            error.FieldViolations,
            (Detail("BadRequest")?.GetProperty("fieldViolations").EnumerateArray().ToList() ?? []).Select(static violation => new Grpc.FieldViolation(violation.GetProperty("field").GetString()!, violation.GetProperty("description").GetString()!)));
        Assert.Equal(error.RetryAfter is { } pause ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(pause.TotalSeconds)}") : null, response.Headers.TryGetValues("Retry-After", out var after) ? after.Single() : null);
        Assert.Equal(error.RetryAfter is null, Detail("RetryInfo") is null);
        Assert.Equal(error.Quota is null, Detail("QuotaFailure") is null);

        JsonElement? Detail(string type) => body.GetProperty("details").EnumerateArray().Where(detail => detail.GetProperty("@type").GetString() == $"type.googleapis.com/google.rpc.{type}").Select(static detail => (JsonElement?)detail).SingleOrDefault();
    }

    [GeneratedRegex(@"^\| `(?<reason>\w+)` \| \w+ \| (?<from>\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>Throws the error that the last part of the name asks for.</summary>
    public sealed class Thrower : IntakeService.IntakeServiceBase
    {
        [Allow(Roles.Anonymous)]
        public override Task<GetRequestResponse> GetRequest(GetRequestRequest request, ServerCallContext context) => throw ErrorCatalogue.ByFactory[request.Name.Split('/')[^1]];
    }

    /// <summary>A server with Intake's edge, HTTP/2 for gRPC and HTTP/1.1 for JSON as in production.</summary>
    public sealed class Edge : IAsyncLifetime
    {
        private WebApplication? _app;
        private GrpcChannel? _channel;

        internal IntakeService.IntakeServiceClient Client { get; private set; } = null!;

        internal HttpClient Http { get; } = new();

        public async ValueTask InitializeAsync()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Staff:DevelopmentKey"] = new KeyPair().Public, ["ServiceIdentity:Name"] = "intake" });
            builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
                kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
            });
            builder.Services.AddRoutingCore();
            builder.AddPocAuthentication();
            builder.AddPocGrpc();
            _app = builder.Build();
            _app.MapPocGrpc<Thrower>();
            await _app.StartAsync(Ended);
            var addresses = _app.Urls.ToList();
            _channel = GrpcChannel.ForAddress(addresses[0]);
            Client = new IntakeService.IntakeServiceClient(_channel);
            Http.BaseAddress = new Uri(addresses[1]);
        }

        public async ValueTask DisposeAsync()
        {
            _channel?.Dispose();
            Http.Dispose();
            if (_app is not null)
            {
                await _app.DisposeAsync();
            }
        }
    }
}
