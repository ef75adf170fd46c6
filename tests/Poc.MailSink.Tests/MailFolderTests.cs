using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Poc.Testing;

namespace Poc.MailSink.Tests;

public sealed class MailFolderTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_survive_a_restart_in_their_order()
    {
        string folder;
        IReadOnlyList<StoredMessage> before;
        await using (var sink = await Sink.StartAsync(keepFolder: true))
        {
            folder = sink.Folder;
            foreach (var subject in new[] { "first", "second", "third" })
            {
                await sink.SendAsync(Sink.Mail(subject: subject));
            }

            before = await sink.ListAsync();
        }

        await using var again = await Sink.StartAsync(folder);
        var after = await again.ListAsync();

        Assert.Equal(["first", "second", "third"], after.Select(static message => message.Subject));
        Assert.Equivalent(before, after, strict: true);
        Assert.Equal("third", (await again.ReadAsync(after[2].Id)).Subject);
    }

    [Fact]
    public async Task Half_a_message_left_by_a_crash_is_passed_over()
    {
        string folder;
        await using (var sink = await Sink.StartAsync(keepFolder: true))
        {
            folder = sink.Folder;
            await sink.SendAsync(Sink.Mail(subject: "whole"));
        }

        await File.WriteAllTextAsync(Path.Combine(folder, $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}.eml"), "Subject: no envelope", Ended);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}.json"), "{ \"id\": \"", Ended);
        await File.WriteAllBytesAsync(Path.Combine(folder, $"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}.json"), [], Ended);

        await using var again = await Sink.StartAsync(folder);

        Assert.Equal(["whole"], (await again.ListAsync()).Select(static message => message.Subject));
    }

    [Fact]
    public async Task A_message_that_the_disk_does_not_take_is_not_acknowledged()
    {
        await using var sink = await Sink.StartAsync(keepFolder: true);
        Directory.Delete(sink.Folder, recursive: true);

        var refused = await Assert.ThrowsAsync<MailKit.Net.Smtp.SmtpCommandException>(() => sink.SendAsync(Sink.Mail()));

        Assert.Equal(MailKit.Net.Smtp.SmtpStatusCode.InsufficientStorage, refused.StatusCode);
        Assert.Empty(await sink.ListAsync());
    }

    [Fact]
    public void The_folder_is_found_beside_the_solution_and_else_below_the_content()
    {
        var root = Directory.CreateDirectory(Path.Combine(Servers.Folder, $"root-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}")).FullName;
        var content = Directory.CreateDirectory(Path.Combine(root, "src", "Poc.MailSink")).FullName;

        Assert.Equal(Path.Combine(content, ".poc", "mail"), MailSinkApp.FolderOf(new MailSinkOptions(), new At(content)));
        File.WriteAllText(Path.Combine(root, "Poc.sln"), "");
        Assert.Equal(Path.Combine(root, ".poc", "mail"), MailSinkApp.FolderOf(new MailSinkOptions(), new At(content)));
        Assert.Equal(Path.Combine(content, "elsewhere"), MailSinkApp.FolderOf(new MailSinkOptions { Folder = "elsewhere" }, new At(content)));
    }

    private sealed class At(string content) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Development";

        public string ApplicationName { get; set; } = "Poc.MailSink";

        public string ContentRootPath { get; set; } = content;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
