using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// <c>/alive</c> answers for the process alone: restart it when this fails. <c>/health</c> answers whether it can do its work: send it no calls while this
/// fails. Both answer 200 or 503 with a small JSON object that names each check and its state, and nothing of why, which goes to the log.
/// </summary>
public static class Health
{
    /// <summary>Path of the liveness probe.</summary>
    public const string LivenessPath = "/alive";

    /// <summary>Path of the readiness probe.</summary>
    public const string ReadinessPath = "/health";

    /// <summary>Tag of checks about the process alone.</summary>
    public const string Live = "live";

    /// <summary>Tag of checks about what the process needs to do its work. A check with neither tag is given this one.</summary>
    public const string Ready = "ready";

    internal static void Add(IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck("self", static () => HealthCheckResult.Healthy(), [Live]);
        // Checks that packages add come without our tags, and Aspire's under its own names.
        services.PostConfigure<HealthCheckServiceOptions>(static options =>
        {
            foreach (var check in options.Registrations.Where(static check => !check.Tags.Contains(Live)))
            {
                check.Tags.Add(Ready);
                check.Name = check.Name switch
                {
                    "PostgreSql" => "postgres",
                    "StackExchange.Redis" => "redis",
                    var own => own,
                };
            }
        });
    }

    internal static void Map(WebApplication app)
    {
        var webPort = WebPort(app.Configuration);
        Map(LivenessPath, Live);
        Map(ReadinessPath, Ready);

        void Map(string path, string tag) => app.MapHealthChecks(path, new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(tag),
            ResponseWriter = WriteAsync,
        }).Add(endpoint =>
        {
            var answer = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = context =>
            {
                if (webPort is null || context.Connection.LocalPort == webPort)
                {
                    return answer(context);
                }

                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            };
        });
    }

    // The port that is bound, not the one in the Host header: a proxy in front has another one. Null (no endpoint named "web", or one on any free port) means
    // that there is nothing to tell apart.
    private static int? WebPort(IConfiguration configuration) =>
        configuration["Kestrel:Endpoints:web:Url"] is { Length: > 0 } url && BindingAddress.Parse(url).Port is > 0 and var port ? port : null;

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(
            context.Response.Body,
            new
            {
                status = report.Status.ToString(),
                checks = report.Entries.ToDictionary(static entry => entry.Key, static entry => entry.Value.Status.ToString()),
            },
            cancellationToken: context.RequestAborted);
    }
}
