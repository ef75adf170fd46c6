using System.Net;
using System.Net.Sockets;
using System.Text;
using Poc.LocalHost.Processes;
using Poc.LocalHost.Running;
using Poc.LocalHost.Servers;
using Poc.Testing;

namespace Poc.LocalHost.Tests.Processes;

public sealed class ProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static string NewFile() => Path.Combine(Testing.Servers.Folder, Path.GetRandomFileName());

    [Fact]
    public async Task Ends_what_a_process_started_with_the_process()
    {
        var file = NewFile();
        var process = Shell($"sleep 600 & echo $! > {file}; wait");
        await Eventually.BecomesTrueAsync(() => File.Exists(file) && File.ReadAllText(file).EndsWith('\n'));
        var child = ProcessIdentity.Of(int.Parse(await File.ReadAllTextAsync(file, Cancellation)))!.Value;

        await process.StopAsync(TimeSpan.FromSeconds(10));

        await Eventually.BecomesTrueAsync(() => !child.IsAlive);
    }

    [Fact]
    public async Task Kills_a_process_that_does_not_heed_the_request_to_end()
    {
        var file = NewFile();
        var process = Shell($"trap '' TERM; echo ready > {file}; while :; do sleep 600; done");
        await Eventually.BecomesTrueAsync(() => File.Exists(file));
        Assert.Equal(128 + Signals.Kill, await process.StopAsync(TimeSpan.FromMilliseconds(100)));
    }

    [Fact]
    public async Task Tells_a_process_from_another_that_has_its_id()
    {
        var process = Shell("sleep 600");
        Assert.True(process.Identity.IsAlive);
        Assert.False((process.Identity with { Started = "0" }).IsAlive);
        (process.Identity with { Started = "0" }).Signal(Signals.Kill); // Meant for an earlier process of this id: nobody must be hit.
        Assert.False(process.Exited.IsCompleted);
        await process.KillAsync();
        Assert.False(process.Identity.IsAlive);
    }

    [Fact]
    public async Task Ends_what_a_dead_launchers_ledger_names_and_nothing_else()
    {
        var (named, other) = (Shell("sleep 600"), Shell("sleep 600"));
        var ledger = NewFile();
        await File.WriteAllLinesAsync(ledger,
        [
            $"{named.Identity.Pid} {named.Identity.Started} service",
            $"{other.Identity.Pid} 1 an earlier process of this id",
            "not a line of a ledger",
        ], Cancellation);

        Assert.Equal(["service"], await ProcessLedger.EndLeftovers(ledger, TimeSpan.FromSeconds(10), Cancellation));

        Assert.Equal(128 + Signals.Terminate, await named.Exited);
        Assert.False(other.Exited.IsCompleted);
        await other.KillAsync();
    }

    [Fact]
    public async Task Ends_everything_on_the_ledger_when_the_launcher_goes_and_removes_the_folder()
    {
        var folder = Directory.CreateDirectory(NewFile()).FullName;
        var stubborn = NewFile();
        var ledger = ProcessLedger.Open(Path.Combine(folder, "processes"), TimeSpan.FromSeconds(1), folder);
        var processes = new[] { "sleep 600", $"trap '' TERM; echo > {stubborn}; while :; do sleep 600; done" }
            .Select(command => ChildProcess.Start(Options(command), ledger)).ToList();
        await Eventually.BecomesTrueAsync(() => File.Exists(stubborn));

        ledger.Dispose();

        await Task.WhenAll(processes.Select(process => process.Exited)).WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System, Cancellation);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Passes_on_variables_whose_names_a_shell_would_drop()
    {
        var file = NewFile();
        var process = ChildProcess.Start(new("environment", "/usr/bin/env", []) { LogFile = file, Environment = new Dictionary<string, string?> { ["ConnectionStrings__a-b"] = "x y", ["PLAIN"] = "z" } }, Testing.Servers.Processes);
        Assert.Equal(0, await process.Exited);
        var lines = await File.ReadAllLinesAsync(file, Cancellation);
        Assert.Contains("ConnectionStrings__a-b=x y", lines);
        Assert.Contains("PLAIN=z", lines);
    }

    [Fact]
    public void Does_not_take_a_link_that_leads_nowhere_for_a_program()
    {
        var (link, target) = (NewFile(), NewFile());
        File.CreateSymbolicLink(link, target);
        Assert.False(Programs.IsThere(link));
        File.WriteAllText(target, "");
        Assert.True(Programs.IsThere(link));
    }

    [Fact]
    public async Task Gives_an_unprivileged_server_a_folder_that_it_can_reach_where_the_checkout_is_closed_to_it()
    {
        if (UnprivilegedUser.ForServers is not { } user)
        {
            Assert.Skip("Only root runs servers as another account.");
            return;
        }

        await Testing.Servers.RequireAsync("postgresql");
        var closed = Directory.CreateDirectory(NewFile(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        var data = Path.Combine(closed, "data");
        string elsewhere;
        await using (var server = await PostgresServer.StartAsync(Testing.Servers.NewOptions("closed") with { Folder = closed }, Cancellation))
        {
            elsewhere = new FileInfo(data).LinkTarget!;
            Assert.StartsWith("/var/lib/poc/", elsewhere, StringComparison.Ordinal);
            Assert.Equal(elsewhere, await UnprivilegedUser.OwnFolderAsync(data, user, Cancellation));
        }

        UnprivilegedUser.RemoveFolder(data);
        Assert.False(Directory.Exists(elsewhere));
        Assert.False(File.Exists(data));
    }

    [Fact]
    public async Task Carries_both_directions_of_a_connection_and_their_separate_ends()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var port = LoopbackPorts.Take();
        await using var proxy = TcpProxy.Listen(port, () => [((IPEndPoint)server.LocalEndpoint).Port], "the test");
        using var client = new TcpClient("localhost", port);
        using var accepted = await server.AcceptTcpClientAsync(Cancellation);
        var question = Encoding.ASCII.GetBytes(new string('q', 1_000_000));
        await using var stream = client.GetStream();
        await stream.WriteAsync(question, Cancellation);
        client.Client.Shutdown(SocketShutdown.Send);

        using var heard = new MemoryStream();
        await accepted.GetStream().CopyToAsync(heard, Cancellation); // Until the question's end, with the connection still open for the answer.
        Assert.Equal(question, heard.ToArray());
        await accepted.GetStream().WriteAsync("answer"u8.ToArray(), Cancellation);
        accepted.Close();
        using var reader = new StreamReader(stream);
        Assert.Equal("answer", await reader.ReadToEndAsync(Cancellation));
    }

    [Fact]
    public async Task Closes_a_connection_for_which_no_replica_runs_and_names_a_port_that_is_taken()
    {
        var port = LoopbackPorts.Take();
        await using var proxy = TcpProxy.Listen(port, () => [], "the test");
        using var client = new TcpClient("127.0.0.1", port);
        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Cancellation));
        Assert.False(LoopbackPorts.IsFree(port));
        Assert.Contains($"Port {port}, which another is to listen on", Assert.Throws<DistributedApplicationException>(() => TcpProxy.Listen(port, () => [], "another")).Message, StringComparison.Ordinal);
    }

    private static ChildProcess Shell(string command) => ChildProcess.Start(Options(command), Testing.Servers.Processes);

    private static ChildProcessOptions Options(string command) => new("shell", "/bin/sh", ["-c", command]) { LogFile = NewFile() };
}
