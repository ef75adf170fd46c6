using System.Diagnostics;

// A service that says what it was given, is healthy when a file says so, and has a child of its own if asked to.
if (Environment.GetEnvironmentVariable("SAMPLE_SPAWN") is not null)
{
    using var child = Process.Start("sleep", "600");
}

var builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
var app = builder.Build();
app.MapGet("/health", () => builder.Configuration["SAMPLE_HEALTHY_WHEN"] is not { } file || File.Exists(file) ? Results.Ok() : Results.StatusCode(503));
app.MapGet("/environment", () => Environment.GetEnvironmentVariables());
app.MapGet("/process", () => Environment.ProcessId);
await app.RunAsync();
