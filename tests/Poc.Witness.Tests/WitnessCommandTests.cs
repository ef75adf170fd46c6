using System.Globalization;
using System.Net;
using Poc.LocalHost.Processes;
using Poc.Testing;
using Poc.Verify;

namespace Poc.Witness.Tests;

/// <summary>The program as a partner runs it.</summary>
public sealed class WitnessCommandTests : WitnessedFolder
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serves_over_HTTP_is_killed_and_goes_on_where_it_was()
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPorts.Take()}");
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        var options = new ChildProcessOptions("witness", "dotnet", [typeof(WitnessCommand).Assembly.Location, "serve", Folder, "--url", url])
        {
            WorkingFolder = Folder,
            LogFile = Path.Combine(Folder, "witness.log"),
        };
        var process = ChildProcess.Start(options, Servers.Processes);
        try
        {
            var (status, line) = await SendAsync(Body(0, 300));
            Assert.Equal(HttpStatusCode.OK, status);

            var note = Path.Combine(Folder, "note");
            await File.WriteAllTextAsync(note, Note(300) + line, Ended);
            var verified = await Foreign.RunAsync("dotnet", [typeof(VerifyCommand).Assembly.Location, "note", note, "--key", Key.ToString()]);
            Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
            Assert.Contains("signed by witness.example as a witness", verified.Output, StringComparison.Ordinal);

            await process.KillAsync();
            process = ChildProcess.Start(options, Servers.Processes);
            Assert.Equal((HttpStatusCode.Conflict, "300\n"), await SendAsync(Body(0, 301)));
            Assert.Equal((HttpStatusCode.Conflict, "300\n"), await SendAsync(Ask(300, [], Note(300, root: Root(1)))));
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(Body(300, 301))).Status);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync(new string('x', 70_000))).Status);

            var (code, listed) = await RunAsync("list", Folder);
            Assert.Equal(0, code);
            Assert.StartsWith($"{Key}\n{Origin} 301 {Convert.ToBase64String(Root(301))} 2", listed, StringComparison.Ordinal);
        }
        finally
        {
            await process.KillAsync();
        }

        async Task<(HttpStatusCode Status, string Body)> SendAsync(string body)
        {
            (HttpStatusCode, string) answer = default;
            await Eventually.BecomesTrueAsync(async () =>
            {
                using var sent = await http.PostAsync("/add-checkpoint", new StringContent(body), Ended);
                answer = (sent.StatusCode, await sent.Content.ReadAsStringAsync(Ended));
                return true;
            }, TimeSpan.FromSeconds(60));
            return answer;
        }
    }

    [Fact]
    public async Task Makes_a_key_once_and_knows_each_log_once()
    {
        var other = Path.Combine(Folder, "other");
        var (code, made) = await RunAsync("init", other, "--name", "second.example");
        Assert.Equal(0, code);
        Assert.True(Poc.Kernel.Notes.NoteKey.Parse(made.Trim()).IsCosigner);
        Assert.Equal(1, (await RunAsync("init", other, "--name", "second.example")).Code);
        Assert.Equal(0, (await RunAsync("trust", other, Log.PublicKey.ToString())).Code);
        Assert.Equal(1, (await RunAsync("trust", other, Log.PublicKey.ToString())).Code);
        Assert.Equal(1, (await RunAsync("trust", other, made.Trim())).Code);
        Assert.Equal(1, (await RunAsync("trust", other, "nonsense")).Code);
        Assert.Equal((0, $"{made}{Origin} 0 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU= never\n"), await RunAsync("list", other));
        using var next = new Poc.Kernel.Notes.NoteSigner(Origin, [.. Enumerable.Repeat((byte)1, 32)]);
        Assert.Equal(1, (await RunAsync("distrust", other, Log.PublicKey.ToString())).Code);
        Assert.Equal(1, (await RunAsync("distrust", other, next.PublicKey.ToString())).Code);
        Assert.Equal(0, (await RunAsync("trust", other, next.PublicKey.ToString())).Code);
        Assert.Equal(0, (await RunAsync("distrust", other, Log.PublicKey.ToString())).Code);
        Assert.Equal(1, (await RunAsync("serve", Path.Combine(Folder, "nothing"))).Code);
        Assert.Equal(2, (await RunAsync("serve")).Code);
        Assert.Equal(0, (await RunAsync("--help")).Code);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(other, "key")));
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter();
        return (await WitnessCommand.RunAsync(args, output, errors), output.ToString());
    }
}
