using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using MimeKit;

namespace Poc.MailSink;

/// <summary>The messages over HTTP: a page for people, JSON and raw messages for programs.</summary>
internal static class MailPages
{
    private const int MostShown = 100;

    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1b1b1b; background: #fff }
        summary { cursor: pointer; padding: .5rem 0; overflow-wrap: anywhere }
        details { border-bottom: 1px solid #ccc }
        time, .to { color: #555 } pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4; padding: 1rem }
        """;

    // Mail is foreign text: nothing in it may run, load or be framed, even if an encoding were forgotten.
    private static readonly string ContentSecurityPolicy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Map(WebApplication app)
    {
        app.MapGet("/", PageAsync);
        app.MapGet("/messages", static (MailFolder folder, string? to, DateTimeOffset? since) => folder.List(to, since));
        app.MapGet("/messages/{id:guid}", RawAsync);
        if (app.Environment.IsDevelopment())
        {
            // POST /refusals?next=3: the next three messages are answered with 451.
            app.MapPost("/refusals", static (Refusals refusals, int next) => refusals.Next(next));
        }
    }

    private static async Task<IResult> RawAsync(MailFolder folder, Guid id, HttpResponse response, CancellationToken cancellation)
    {
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        return await folder.ReadAsync(id, cancellation) is { } content ? Results.Bytes(content, "message/rfc822", $"{id}.eml") : Results.NotFound();
    }

    private static async Task<IResult> PageAsync(MailFolder folder, HttpResponse response, CancellationToken cancellation)
    {
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        var messages = folder.List();
        var page = new StringBuilder("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">")
            .Append("<title>Mail</title><style>").Append(Style).Append("</style></head><body><h1>Mail</h1><p>")
            .Append(CultureInfo.InvariantCulture, $"{messages.Count} messages, newest first{(messages.Count > MostShown ? $"; the last {MostShown} are shown" : "")}.</p>");
        foreach (var message in messages.Reverse().Take(MostShown))
        {
            var text = await TextAsync(folder, message.Id, cancellation);
            page.Append("<details><summary><strong>").Append(Html(message.Subject.Length > 0 ? message.Subject : "(no subject)"))
                .Append("</strong> <span class=\"to\">to ").Append(Html(string.Join(", ", message.To)))
                .Append(CultureInfo.InvariantCulture, $"</span> <time>{message.ReceivedAt:u}</time></summary>")
                .Append("<p>From ").Append(Html(message.From.Length > 0 ? message.From : "<>"))
                .Append(CultureInfo.InvariantCulture, $" · <a href=\"/messages/{message.Id}\">raw, {message.Size} bytes</a></p>")
                .Append("<pre>").Append(Html(text)).Append("</pre></details>");
        }

        return Results.Content(page.Append("</body></html>").ToString(), "text/html; charset=utf-8");
    }

    private static async Task<string> TextAsync(MailFolder folder, Guid id, CancellationToken cancellation)
    {
        try
        {
            var message = await MimeMessage.LoadAsync(new MemoryStream((await folder.ReadAsync(id, cancellation))!), cancellation);
            return message.TextBody ?? message.HtmlBody ?? "";
        }
        catch (FormatException)
        {
            return "(not readable as a message)";
        }
    }

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);
}
