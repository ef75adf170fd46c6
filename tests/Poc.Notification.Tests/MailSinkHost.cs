using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MimeKit;
using Poc.LocalHost.Processes;
using Poc.MailSink;
using Poc.Testing;

namespace Poc.Notification.Tests;

/// <summary>The mail sink on a port that stays the same while it is stopped and started.</summary>
internal sealed class MailSinkHost : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Servers.Folder, $"mail-{Guid.CreateVersion7():N}")).FullName;
    private WebApplication? _app;

    public int Port { get; } = LoopbackPorts.Take();

    private IServiceProvider Services => _app?.Services ?? throw new InvalidOperationException("The mail sink is stopped.");

    public async Task StartAsync()
    {
        _app = MailSinkApp.Build(
            [
                string.Create(CultureInfo.InvariantCulture, $"--MailSink:SmtpPort={Port}"), $"--MailSink:Folder={_folder}", "--Kestrel:Endpoints:http:Url=http://127.0.0.1:0",
                "--environment=Development", $"--contentRoot={_folder}",
            ],
            static builder => builder.Logging.ClearProviders());
        await _app.StartAsync();
    }

    public async Task StopAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>The next messages are answered with 451.</summary>
    public void RefuseNext(int count) => Services.GetRequiredService<Refusals>().Next(count);

    /// <summary>The messages to an address, oldest first.</summary>
    public async Task<IReadOnlyList<MimeMessage>> MessagesToAsync(string address)
    {
        var folder = Services.GetRequiredService<MailFolder>();
        var messages = new List<MimeMessage>();
        foreach (var stored in folder.List(address))
        {
            messages.Add(await MimeMessage.LoadAsync(new MemoryStream((await folder.ReadAsync(stored.Id, CancellationToken.None))!)));
        }

        return messages;
    }

    /// <summary>The bytes of every message there is.</summary>
    public async Task<IReadOnlyList<byte[]>> BytesAsync()
    {
        var folder = Services.GetRequiredService<MailFolder>();
        var all = new List<byte[]>();
        foreach (var stored in folder.List())
        {
            all.Add((await folder.ReadAsync(stored.Id, CancellationToken.None))!);
        }

        return all;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }
}
