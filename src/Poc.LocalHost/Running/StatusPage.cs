using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Poc.LocalHost.Processes;

namespace Poc.LocalHost.Running;

/// <summary>
/// A page on the loopback interface that shows the resources with health and last log lines, and can restart and stop them. It answers only
/// requests that name a loopback host, and acts only on those that come from itself, so that no web page open in a browser can use it.
/// </summary>
internal sealed class StatusPage : IAsyncDisposable
{
    private WebApplication? _app;

    /// <summary>Starts to serve, at the first address of <c>ASPNETCORE_URLS</c> (where Aspire has its dashboard) or at a free port.</summary>
    /// <returns>The page's address.</returns>
    public async Task<string> StartAsync(Stack stack, bool random)
    {
        var wanted = (stack.Configuration["ASPNETCORE_URLS"] ?? stack.Configuration["urls"])?.Split(';') is [var first, ..] && Uri.TryCreate(first, UriKind.Absolute, out var url) ? url.Port : (int?)null;
        var port = LoopbackPorts.Prefer(random ? null : wanted);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production, ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
        _app = builder.Build();
        _app.Use(OnlyLocalAsync);
        _app.MapGet("/", () => Results.Content(Page(stack), "text/html; charset=utf-8"));
        _app.MapGet("/resources", () => Results.Json(stack.Resources.Where(IsShown).Select(resource => Describe(stack, resource))));
        _app.MapGet("/resources/{name}/log", (string name) => stack.RunnerOf(name) is { } runner ? Results.Text(string.Join('\n', runner.LogFiles.SelectMany(file => LogTail.Read(file, 200)))) : Results.NotFound());
        _app.MapPost("/resources/{name}/{action}", (string name, string action) => Act(stack, name, action));
        await _app.StartAsync();
        return stack.StatusAddress = string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    private static bool IsShown(Resource resource) => resource is not ParameterResource;

    private static async Task OnlyLocalAsync(HttpContext context, Func<Task> next)
    {
        var host = context.Request.Host.Host;
        var isLocal = host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
        var origin = context.Request.Headers.Origin.ToString();
        var isOwn = HttpMethods.IsGet(context.Request.Method) || origin == $"{context.Request.Scheme}://{context.Request.Host}";
        if (!isLocal || !isOwn)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";
        context.Response.Headers.CacheControl = "no-store";
        await next();
    }

    private static async Task<IResult> Act(Stack stack, string name, string action)
    {
        if (stack.RunnerOf(name) is not { } runner)
        {
            return Results.NotFound();
        }

        switch (action)
        {
            case "restart":
                await runner.RestartAsync();
                break;
            case "stop":
                await runner.StopAsync();
                break;
            default:
                return Results.NotFound();
        }

        return Results.Redirect("/", preserveMethod: false);
    }

    private static object Describe(Stack stack, Resource resource)
    {
        var snapshot = stack.Notifications.Latest(resource);
        var runner = stack.RunnerOf(resource.Name);
        return new
        {
            name = resource.Name,
            state = snapshot.State?.Text,
            health = snapshot.HealthStatus?.ToString(),
            exitCode = snapshot.ExitCode,
            reason = snapshot.Reason,
            addresses = runner?.Addresses ?? [],
            processes = runner?.ProcessIds ?? [],
        };
    }

    private static string Page(Stack stack)
    {
        var html = new StringBuilder(
            """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5"><title>Poc: local stack</title>
            <style>body{font:15px system-ui,sans-serif;margin:2rem;max-width:80rem}table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.4rem .8rem;border-bottom:1px solid #ccc}
            pre{margin:.3rem 0 0;font-size:12px;white-space:pre-wrap;max-height:12rem;overflow:auto}form{display:inline}</style></head><body>
            <h1>Poc: local stack</h1><p>A stand-in for the Aspire dashboard. Reloads every five seconds.</p>
            <table><tr><th>Resource</th><th>State</th><th>Addresses</th><th></th></tr>
            """);
        var encoder = HtmlEncoder.Default;
        foreach (var resource in stack.Resources.Where(IsShown))
        {
            var snapshot = stack.Notifications.Latest(resource);
            var runner = stack.RunnerOf(resource.Name);
            var name = encoder.Encode(resource.Name);
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{name}</td><td>{encoder.Encode(Display.Describe(resource, snapshot))}");
            html.Append(snapshot.Reason is null ? "" : $"<br><small>{encoder.Encode(snapshot.Reason)}</small>");
            html.Append(CultureInfo.InvariantCulture, $"</td><td>{string.Join("<br>", (runner?.Addresses ?? []).Select(encoder.Encode))}</td><td>");
            if (runner is not null)
            {
                var log = string.Join('\n', runner.LogFiles.SelectMany(file => LogTail.Read(file, 12)));
                html.Append(CultureInfo.InvariantCulture,
                    $"""
                    <form method="post" action="/resources/{name}/restart"><button>Restart</button></form> <form method="post" action="/resources/{name}/stop"><button>Stop</button></form>
                    <details><summary>last lines</summary><pre>{encoder.Encode(log)}</pre></details>
                    """);
            }

            html.Append("</td></tr>");
        }

        return html.Append("</table></body></html>").ToString();
    }
}
