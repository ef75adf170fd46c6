using System.Net.Http.Headers;
using System.Text;
using Poc.LocalHost.Processes;
using Poc.LocalHost.Servers;
using Poc.Testing;

namespace Poc.LocalHost.Tests.Servers;

public sealed class RabbitMqServerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Comes_back_with_its_queues_after_a_kill_and_leaves_no_process_when_stopped()
    {
        await Poc.Testing.Servers.RabbitMqAsync();
        await using var server = await RabbitMqServer.StartAsync(Poc.Testing.Servers.NewOptions("mq"), Cancellation);
        using var management = Management(server);
        using var made = await management.PutAsync("api/queues/%2F/kept", new StringContent("""{"durable":true}""", Encoding.UTF8, "application/json"), Cancellation);
        Assert.True(made.IsSuccessStatusCode);
        var first = ProcessIdentity.Of(server.Pid)!.Value;

        await server.KillAsync();
        await Eventually.BecomesTrueAsync(() => !first.IsAlive);
        await server.StartAgainAsync(Cancellation);
        await Eventually.BecomesTrueAsync(async () => (await management.GetAsync("api/queues/%2F/kept", Cancellation)).IsSuccessStatusCode);

        var second = ProcessIdentity.Of(server.Pid)!.Value;
        await server.StopAsync();
        await Eventually.BecomesTrueAsync(() => !second.IsAlive);
        Assert.Empty(ProcessesOf(server));
    }

    private static HttpClient Management(RabbitMqServer server) => new()
    {
        BaseAddress = new Uri($"http://127.0.0.1:{server.ManagementPort}/"),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(new Uri(server.Uri).UserInfo))) },
    };

    // Everything that carries the server's folder in its environment: the node, epmd, and what they started.
    private static IEnumerable<string> ProcessesOf(RabbitMqServer server) =>
        from folder in Directory.EnumerateDirectories("/proc")
        where int.TryParse(Path.GetFileName(folder), out _)
        let environment = Readable($"{folder}/environ")
        where environment.Contains(Path.GetDirectoryName(server.LogFile)!, StringComparison.Ordinal)
        select Readable($"{folder}/cmdline").Replace('\0', ' ');

    private static string Readable(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
