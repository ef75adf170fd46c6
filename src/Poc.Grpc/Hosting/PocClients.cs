using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Poc.Grpc;

/// <summary>Clients by which one service calls another.</summary>
public static class PocClients
{
    /// <summary>Calls are tried this often in all while the other side answers UNAVAILABLE (AIP-194); grpc-dotnet allows 5 at most.</summary>
    public const int MaxAttempts = 4;

    /// <summary>Time for a call that is not a stream, where the caller sets none and the incoming call has none.</summary>
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Registers the generated client of the service for injection: its address by service discovery (endpoint "grpc" of the service), this service's token,
    /// the incoming call's deadline and cancellation passed on, and retries of UNAVAILABLE only, with the same message, so that writes must carry their
    /// request_id.
    /// </summary>
    /// <param name="builder">The application; it needs <c>AddServiceDefaults</c> for discovery and <c>ServiceIdentity:PrivateKey</c> for the token.</param>
    /// <param name="service">The callee's name, e.g. "archive": host of its address and audience of the token.</param>
    public static IHttpClientBuilder AddPocClient<TClient>(this IHostApplicationBuilder builder, string service) where TClient : ClientBase
    {
        var client = builder.Services.AddGrpcClient<TClient>(options => options.Address = new Uri($"http://_grpc.{service}"));
        return client
            .ConfigureChannel(static channel => channel.ServiceConfig = new ServiceConfig
            {
                MethodConfigs =
                {
                    new MethodConfig
                    {
                        Names = { MethodName.Default },
                        RetryPolicy = new RetryPolicy
                        {
                            MaxAttempts = MaxAttempts,
                            InitialBackoff = TimeSpan.FromMilliseconds(100),
                            MaxBackoff = TimeSpan.FromSeconds(1),
                            BackoffMultiplier = 2,
                            RetryableStatusCodes = { StatusCode.Unavailable },
                        },
                    },
                },
            })
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true, // Kestrel allows 100 streams a connection.
                KeepAlivePingDelay = TimeSpan.FromSeconds(30),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
                PooledConnectionLifetime = TimeSpan.FromMinutes(2), // A balancer in front spreads connections, not calls: come back to it.
                ConnectTimeout = TimeSpan.FromSeconds(5),
            })
            .EnableCallContextPropagation(static options => options.SuppressContextNotFoundErrors = true)
            .AddInterceptor(services => new OutgoingCall(
                services.GetService<ServiceTokens>()
                    ?? throw new InvalidOperationException("ServiceIdentity:PrivateKey is missing: this service calls others and must prove itself."),
                service));
    }
}
