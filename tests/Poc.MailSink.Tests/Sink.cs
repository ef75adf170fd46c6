using System.Net.Http.Json;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MimeKit;

namespace Poc.MailSink.Tests;

/// <summary>A running mail sink with a folder of its own.</summary>
public sealed class Sink : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly bool _keepFolder;

    private Sink(WebApplication app, string folder, bool keepFolder)
    {
        _app = app;
        _keepFolder = keepFolder;
        Folder = folder;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        SmtpPort = app.Services.GetRequiredService<SmtpServer>().Port;
    }

    public HttpClient Http { get; }

    public int SmtpPort { get; }

    public string Folder { get; }

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static async Task<Sink> StartAsync(string? folder = null, string environment = "Development", bool keepFolder = false, params string[] settings)
    {
        var path = folder ?? Directory.CreateTempSubdirectory("poc-mail-").FullName;
        var app = MailSinkApp.Build(
            ["--MailSink:SmtpPort=0", $"--MailSink:Folder={path}", "--Kestrel:Endpoints:http:Url=http://127.0.0.1:0", "--Kestrel:Endpoints:http:Protocols=Http1", $"--environment={environment}", .. settings],
            static builder => builder.Logging.ClearProviders());
        await app.StartAsync(Ended);
        return new Sink(app, path, keepFolder);
    }

    public async Task<SmtpClient> ConnectAsync()
    {
        var client = new SmtpClient();
        await client.ConnectAsync("127.0.0.1", SmtpPort, SecureSocketOptions.None, Ended);
        return client;
    }

    public async Task SendAsync(MimeMessage message)
    {
        using var client = await ConnectAsync();
        await client.SendAsync(message, Ended);
        await client.DisconnectAsync(true, Ended);
    }

    public async Task<IReadOnlyList<StoredMessage>> ListAsync(string query = "") => (await Http.GetFromJsonAsync<List<StoredMessage>>("/messages" + query, Ended))!;

    public async Task<MimeMessage> ReadAsync(Guid id) => await MimeMessage.LoadAsync(await Http.GetStreamAsync($"/messages/{id}", Ended), Ended);

    public static MimeMessage Mail(string to = "anna@example.org", string subject = "Reference 7", string text = "See the portal.")
    {
        var message = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = text } };
        message.From.Add(new MailboxAddress("Poc", "poc@example.org"));
        message.To.Add(MailboxAddress.Parse(to));
        return message;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        if (!_keepFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
