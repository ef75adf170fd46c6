using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;

namespace Poc.Hammer;

/// <summary>What to run.</summary>
internal sealed record OutageSettings(int Requests, int Callers, int Kills, FileInfo? Output);

/// <summary>
/// Files a fixed number of requests while Redis and RabbitMQ are killed (SIGKILL) and started again, several times, and then compares what the callers were told with
/// what is stored: nothing acknowledged may be missing, nothing may be there twice, and everything has to leave the outbox.
/// </summary>
internal static class OutageRun
{
    private static readonly (string What, string Sql)[] _nothingTwice =
    [
        ("requests without exactly one first state", "SELECT count(*) FROM requests WHERE (SELECT count(*) FROM request_states WHERE request = id AND sequence = 1) <> 1"),
        ("events quarantined", "SELECT count(*) FROM outbox WHERE quarantined_at IS NOT NULL"),
    ];

    public static async Task<int> RunAsync(OutageSettings settings, Action<string> say, CancellationToken cancellation)
    {
        await using var stack = await PrivateStack.StartAsync(say, cancellation);
        var acknowledged = new ConcurrentDictionary<Guid, bool>();
        var unavailable = 0;
        var next = 0;
        using var channel = GrpcChannel.ForAddress(stack.Address);
        var invoker = channel.CreateCallInvoker();
        var callers = Task.WhenAll(Enumerable.Range(0, settings.Callers).Select(caller => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) <= settings.Requests)
                {
                    var (requestId, refused) = await SubmitLoad.FileAsync(invoker, stack.ApiKeys[caller % stack.ApiKeys.Count], cancellation);
                    acknowledged[requestId] = true;
                    Interlocked.Add(ref unavailable, refused);
                }
            },
            cancellation)));

        for (var kill = 1; kill <= settings.Kills; kill++)
        {
            // Early enough that requests are filed before, during and after each outage.
            await ReachedAsync((long)settings.Requests * kill / (settings.Kills + 2));
            await stack.Redis.KillAsync();
            await stack.Rabbit.KillAsync();
            say(string.Create(CultureInfo.InvariantCulture, $"killed Redis and RabbitMQ after {acknowledged.Count} requests"));
            await stack.Redis.StartAgainAsync(cancellation);
            await stack.Rabbit.StartAgainAsync(cancellation);
            say(string.Create(CultureInfo.InvariantCulture, $"both are back after {acknowledged.Count} requests"));
        }

        await callers;
        say("all filed; waiting for the outbox");
        await stack.WaitUntilPublishedAsync(cancellation);

        var stored = await StoredAsync(stack, cancellation);
        var lost = acknowledged.Keys.Count(id => !stored.Contains(id));
        var unknown = stored.Count(id => !acknowledged.ContainsKey(id));
        var failures = new List<(string What, long Count)> { ("acknowledged and not stored", lost), ("stored and not acknowledged", unknown), ("stored twice", stored.Count - stored.Distinct().Count()) };
        foreach (var (what, sql) in _nothingTwice)
        {
            failures.Add((what, await stack.CountAsync(sql, cancellation)));
        }

        var text = new StringBuilder();
        text.AppendLine("# Submissions while Redis and RabbitMQ are killed").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Made by `dotnet run -c {ResultsPage.Configuration} --project bench/Poc.Hammer -- outage --requests {settings.Requests} --callers {settings.Callers} --kills {settings.Kills}`.").AppendLine();
        text.AppendLine("| what | count |").AppendLine("| --- | ---: |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| acknowledged | {acknowledged.Count} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| stored | {stored.Count} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| answers UNAVAILABLE, each followed by the same request again | {unavailable} |");
        foreach (var (what, count) in failures)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {count} |");
        }

        text.AppendLine().AppendLine("The outbox was empty at the end: the broker has confirmed every event.").AppendLine();
        text.Append(await ResultsPage.SurroundingsAsync(stack, cancellation));
        say($"written to {await ResultsPage.WriteAsync(text.ToString(), settings.Output, "outage.md", cancellation)}");
        return acknowledged.Count == settings.Requests && failures.All(static failure => failure.Count == 0) ? 0 : 1;

        async Task ReachedAsync(long count)
        {
            while (acknowledged.Count < count && !callers.IsCompleted)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), cancellation);
            }

            if (callers.IsFaulted)
            {
                await callers;
            }
        }
    }

    private static async Task<List<Guid>> StoredAsync(PrivateStack stack, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(stack.Postgres.ConnectionStringOf("intakedb"));
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand("SELECT request_id FROM requests", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var stored = new List<Guid>();
        while (await reader.ReadAsync(cancellation))
        {
            stored.Add(reader.GetGuid(0));
        }

        return stored;
    }
}
