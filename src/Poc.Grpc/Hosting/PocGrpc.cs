using System.ComponentModel.DataAnnotations;
using System.Text.Encodings.Web;
using System.Text.Json;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Poc.Grpc.OpenApi;
using Poc.Postgres;

namespace Poc.Grpc;

/// <summary>Sets a gRPC server up as every service of the system has it.</summary>
public static class PocGrpc
{
    private static readonly JsonSerializerOptions _readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Adds gRPC, gRPC-Web and (for methods with a google.api.http rule) JSON over HTTP, with rich errors (<see cref="RpcError"/>), limits (<see cref="GrpcLimits"/>), <see cref="PageTokens"/>, <see cref="IdempotentWrites"/>, the
    /// gRPC health service over the health checks tagged "ready" and, in Development only, reflection.
    /// </summary>
    /// <exception cref="ValidationException">The configuration section <c>Grpc</c> is out of range.</exception>
    public static IHostApplicationBuilder AddPocGrpc(this IHostApplicationBuilder builder)
    {
        var limits = builder.Configuration.GetSection("Grpc").Get<GrpcLimits>() ?? new GrpcLimits();
        Validator.ValidateObject(limits, new ValidationContext(limits), validateAllProperties: true);

        var services = builder.Services;
        services.AddSingleton(limits);
        services.AddSingleton<Failures>();
        services.AddSingleton<HeldBytes>();
        services.AddSingleton<JsonCalls>();
        services.AddSingleton<MethodGate>();
        services.AddSingleton<CallBoundary>();
        services.AddSingleton<IStartupFilter, StatusDetails>();
        services.TryAddSingleton(PageTokens.FromConfiguration(builder.Configuration));
        services.TryAddSingleton(static provider => new IdempotentWrites(provider.GetRequiredService<Database>()));
        services.AddGrpc(options =>
        {
            options.MaxReceiveMessageSize = limits.MaxMessageBytes;
            options.MaxSendMessageSize = limits.MaxMessageBytes;
            options.EnableDetailedErrors = false;
            options.Interceptors.Add<CallBoundary>();
        }).AddJsonTranscoding(static options => options.TypeRegistry = JsonStatus.Details);
        services.AddGrpcHealthChecks(static options =>
        {
            options.Services.Clear();
            options.Services.Map("", static check => check.Tags.Contains("ready"));
        });
        services.Configure<HealthCheckPublisherOptions>(static options =>
        {
            options.Delay = TimeSpan.FromSeconds(1);
            options.Period = TimeSpan.FromSeconds(10);
        });
        if (builder.Environment.IsDevelopment())
        {
            services.AddGrpcReflection();
        }

        services.Configure<KestrelServerOptions>(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestHeadersTotalSize = limits.MaxHeaderBytes;
            options.Limits.MaxConcurrentConnections = limits.MaxConnections;
            options.Limits.Http2.KeepAlivePingDelay = limits.PingAfter;
            options.Limits.Http2.KeepAlivePingTimeout = limits.PingAfter;
        });
        return builder;
    }

    /// <summary>Serves <c>/openapi/v1.json</c>, the OpenAPI document of all methods that are answered over JSON.</summary>
    /// <param name="app">The application.</param>
    /// <param name="title">What the server is, for example "Poc Intake".</param>
    public static IEndpointConventionBuilder MapPocOpenApi(this WebApplication app, string title)
    {
        // When it is first asked for, all endpoints are there.
        var document = new Lazy<byte[]>(() => JsonSerializer.SerializeToUtf8Bytes(OpenApiDocument.Of(title, app.Services.GetRequiredService<EndpointDataSource>().Endpoints), _readable));
        return app.MapGet("/openapi/v1.json", () => Results.Bytes(document.Value, "application/json"));
    }

    /// <summary>
    /// Maps a service behind the gate that knows its callers and its methods' <see cref="AllowAttribute"/>; with the first one, gRPC health and (in
    /// Development) reflection.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>AddPocGrpc</c> or <c>AddPocAuthentication</c> was forgotten.</exception>
    public static GrpcServiceEndpointConventionBuilder MapPocGrpc<TService>(this WebApplication app) where TService : class
    {
        if (!app.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(Authenticator)))
        {
            throw new InvalidOperationException("Call builder.AddPocAuthentication() before MapPocGrpc: without it nobody knows who calls.");
        }

        // The application's own properties, since its routes are only built later.
        const string Mapped = "Poc.Grpc.Mapped";
        var properties = ((IApplicationBuilder)app).Properties;
        if (properties.TryAdd(Mapped, true))
        {
            app.MapGrpcHealthChecksService();
            app.MapFallback("/v1/{**path}", static call => JsonStatus.WriteAsync(call.Response, CommonErrors.MethodUnknown(), StatusCodes.Status404NotFound));
            if (app.Environment.IsDevelopment())
            {
                app.MapGrpcReflectionService();
            }
        }

        var service = app.MapGrpcService<TService>();
        service.Add(app.Services.GetRequiredService<MethodGate>().Guard);
        return service;
    }
}
