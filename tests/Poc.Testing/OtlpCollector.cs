using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Poc.Testing;

/// <summary>Takes OTLP over HTTP and keeps it as it comes: names and values stand in the protobuf as plain text.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, string Text)> _received = [];
    private readonly WebApplication _app;

    private OtlpCollector()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async call =>
        {
            using var body = new MemoryStream();
            await call.Request.Body.CopyToAsync(body, call.RequestAborted);
            _received.Enqueue((call.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        });
    }

    /// <summary>What a service is told so that it sends here, as environment variables.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.Single(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "100",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
    };

    /// <summary>Begins to take.</summary>
    public static async Task<OtlpCollector> StartAsync(CancellationToken cancellation)
    {
        var collector = new OtlpCollector();
        await collector._app.StartAsync(cancellation);
        return collector;
    }

    /// <summary>All messages so far, a character for each byte.</summary>
    public IEnumerable<string> Received => _received.Select(static message => message.Text);

    /// <summary>Whether something came that has the text.</summary>
    public bool Has(string path, string text) => _received.Any(message => message.Path == path && message.Text.Contains(text, StringComparison.Ordinal));

    /// <summary>Where the text stands, with what stands before it.</summary>
    public IEnumerable<string> Around(string text) => _received
        .Where(message => message.Text.Contains(text, StringComparison.Ordinal))
        .Select(message => message.Path + ": " + message.Text[Math.Max(0, message.Text.IndexOf(text, StringComparison.Ordinal) - 60)..message.Text.IndexOf(text, StringComparison.Ordinal)]);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
