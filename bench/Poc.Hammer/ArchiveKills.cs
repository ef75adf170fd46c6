using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;

namespace Poc.Hammer;

/// <summary>
/// Kills archives and PostgreSQL at random moments while statements are appended. What was acknowledged must be in the log at the place that was told, and no two checkpoints
/// that anybody was shown may contradict each other.
/// </summary>
internal static class ArchiveKills
{
    private const int Callers = 8;

    // One kill in ten is PostgreSQL's.
    private const int DatabaseShare = 10;

    public static async Task<int> RunAsync(int kills, FileInfo? output, Action<string> say, CancellationToken cancellation)
    {
        await using var stack = await ArchiveStack.StartAsync(say, cancellation, replicas: 2);
        // A killed replica is back within seconds: whoever waits longer than that to connect again puts no load on it.
        var patience = TimeSpan.FromMilliseconds(200);
        var channels = stack.Replicas.Select(replica => GrpcChannel.ForAddress(
            replica.Address, new GrpcChannelOptions { InitialReconnectBackoff = patience, MaxReconnectBackoff = patience })).ToList();
        var clients = channels.ConvertAll(channel => new StatementArchiveService.StatementArchiveServiceClient(channel));
        var key = NoteKey.Parse((await clients[0].GetCheckpointAsync(new GetCheckpointRequest(), cancellationToken: cancellation)).VerifierKey);
        var headers = new Metadata { { "authorization", $"Bearer {stack.Token(Roles.Archivist)}" } };

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var (acknowledged, repeated) = (new ConcurrentDictionary<string, Statement>(StringComparer.Ordinal), 0L);
        var checkpoints = new ConcurrentDictionary<long, ConcurrentDictionary<string, bool>>();
        var load = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(
            async () =>
            {
                for (var turn = caller; !stop.IsCancellationRequested; turn++)
                {
                    var (statement, again) = await AppendAsync(clients, turn, ArchiveBench.Request(caller), headers, cancellation);
                    acknowledged[statement.Name] = statement;
                    Interlocked.Add(ref repeated, again);
                }
            },
            cancellation)));
        var watch = Task.WhenAll(clients.Select(client => Task.Run(() => WatchAsync(client, key, checkpoints, stop.Token), cancellation)));

        var random = new Random(1);
        var databaseKills = 0;
        for (var number = 1; number <= kills; number++)
        {
            if (load.IsFaulted || watch.IsFaulted)
            {
                break;
            }

            if (random.Next(DatabaseShare) == 0)
            {
                databaseKills++;
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 600)), cancellation);
                await stack.Postgres.KillAsync();
                await stack.Postgres.StartAgainAsync(cancellation);
            }
            else
            {
                // One that answers, so that kills do not only hit processes that start.
                var replica = stack.Replicas[random.Next(stack.Replicas.Count)];
                await replica.AnswersAsync(cancellation);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(20, 600)), cancellation);
                await replica.CrashAsync();
            }

            if (number % 50 == 0)
            {
                say(string.Create(CultureInfo.InvariantCulture, $"{number} kills, {acknowledged.Count} statements acknowledged, checkpoints of {checkpoints.Count} sizes seen"));
            }
        }

        await stop.CancelAsync();
        await load;
        await watch;
        foreach (var (replica, channel) in stack.Replicas.Zip(channels))
        {
            await replica.AnswersAsync(cancellation);
            await channel.ConnectAsync(cancellation);
        }

        say("all is running again; checking");
        NpgsqlConnection.ClearAllPools(); // of servers that were killed
        var stored = await StoredAsync(stack, cancellation);
        var lost = acknowledged.Values.Count(statement =>
            !stored.TryGetValue(statement.LogIndex, out var entry) || entry.Name != statement.Name || !entry.Body.AsSpan().SequenceEqual(statement.LogEntry.Span));
        var forked = checkpoints.Values.Count(roots => roots.Count > 1) + await InconsistentAsync(clients[0], checkpoints, cancellation);
        var gaps = stored.Keys.Order().Select((index, place) => index != place).Count(static wrong => wrong);
        var twice = stored.Count - stored.Values.DistinctBy(static entry => entry.Name).Count();
        var findings = await AuditAsync(clients[0], stack, cancellation);

        var text = new StringBuilder();
        text.AppendLine("# The archive while its processes and PostgreSQL are killed").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Made by `dotnet run -c {ResultsPage.Configuration} --project bench/Poc.Hammer -- kills --kills {kills}`.").AppendLine();
        text.AppendLine("| what | count |").AppendLine("| --- | ---: |");
        Row("kills -9 of the two archives", kills - databaseKills);
        Row("kills -9 of PostgreSQL", databaseKills);
        Row("statements acknowledged", acknowledged.Count);
        Row("statements stored", stored.Count);
        Row("calls that failed, each followed by the same request again", repeated);
        Row("sizes of which signed checkpoints were seen", checkpoints.Count);
        Row("acknowledged and not in the log at the place that was told, byte for byte", lost);
        Row("statements stored twice, or gaps in the log", twice + gaps);
        Row("checkpoints that contradict another (two roots for a size, or no consistency proof from one size to the next)", forked);
        Row("findings of an audit afterwards", findings);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{Callers} callers appended all the time, and every checkpoint that either archive served was kept. Each kill came 20 to 600 ms after its victim answered, one in ten was PostgreSQL's. A statement may be stored and not acknowledged: its caller was cut off at the end.").AppendLine();
        text.Append(await ResultsPage.SurroundingsAsync(stack.Postgres, cancellation));
        say($"written to {await ResultsPage.WriteAsync(text.ToString(), output, "archive-kills.md", cancellation)}");
        channels.ForEach(static channel => channel.Dispose());
        return lost + twice + gaps + forked + findings == 0 ? 0 : 1;

        void Row(string what, long count) => text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {count} |");
    }

    /// <summary>Sends a request, to one replica and the other, until it is acknowledged.</summary>
    private static async Task<(Statement Statement, int Again)> AppendAsync(
        List<StatementArchiveService.StatementArchiveServiceClient> clients, int turn, RecordStatementRequest request, Metadata headers, CancellationToken cancellation)
    {
        for (var again = 0; ; again++)
        {
            try
            {
                var answer = await clients[(turn + again) % clients.Count].RecordStatementAsync(request, headers, TimeProvider.System.GetUtcNow().AddSeconds(20).UtcDateTime, cancellation);
                return (answer.Statement, again);
            }
            catch (RpcException refused) when (refused.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.DeadlineExceeded or StatusCode.Unknown)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
            }
        }
    }

    private static async Task WatchAsync(
        StatementArchiveService.StatementArchiveServiceClient client, NoteKey key, ConcurrentDictionary<long, ConcurrentDictionary<string, bool>> seen, CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                var answer = await client.GetCheckpointAsync(new GetCheckpointRequest(), deadline: TimeProvider.System.GetUtcNow().AddSeconds(5).UtcDateTime, cancellationToken: CancellationToken.None);
                var tree = Checkpoint.Open(answer.Checkpoint, key); // throws where it is not signed by the log's key
                seen.GetOrAdd(tree.Size, static _ => new(StringComparer.Ordinal))[Convert.ToHexString(tree.RootHash)] = true;
            }
            catch (RpcException)
            {
                // Being killed, or not there yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(40), CancellationToken.None);
        }
    }

    /// <summary>How many of the sizes seen do not follow from the one before them.</summary>
    private static async Task<int> InconsistentAsync(
        StatementArchiveService.StatementArchiveServiceClient client, ConcurrentDictionary<long, ConcurrentDictionary<string, bool>> seen, CancellationToken cancellation)
    {
        var sizes = seen.Keys.Where(static size => size > 0).Order().ToList();
        var wrong = 0;
        foreach (var (first, second) in sizes.Zip(sizes.Skip(1)))
        {
            var proof = await client.GetConsistencyProofAsync(new GetConsistencyProofRequest { FirstTreeSize = first, SecondTreeSize = second }, cancellationToken: cancellation);
            var path = proof.Path.Select(static hash => hash.ToByteArray()).ToList();
            if (!ProofVerifier.Consistency(first, second, path, Root(first), Root(second)))
            {
                wrong++;
            }
        }

        return wrong;

        byte[] Root(long size) => Convert.FromHexString(seen[size].Keys.First());
    }

    private static async Task<int> AuditAsync(StatementArchiveService.StatementArchiveServiceClient client, ArchiveStack stack, CancellationToken cancellation)
    {
        var headers = new Metadata { { "authorization", $"Bearer {stack.Token(Roles.Auditor)}" } };
        for (var audits = 0; audits < 2;)
        {
            // One that runs already began before the last kill.
            var audit = (await client.RunAuditAsync(new RunAuditRequest(), headers, cancellationToken: cancellation)).Audit;
            while (audit.FinishedAt is null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), cancellation);
                audit = (await client.GetAuditAsync(new GetAuditRequest { Name = audit.Name }, headers, cancellationToken: cancellation)).Audit;
            }

            if (++audits == 2 || audit.FindingCount > 0)
            {
                return audit.FindingCount;
            }
        }

        return 0;
    }

    private static async Task<IReadOnlyDictionary<long, (string Name, byte[] Body)>> StoredAsync(ArchiveStack stack, CancellationToken cancellation)
    {
        await using var connection = new NpgsqlConnection(stack.Postgres.ConnectionStringOf(ArchiveStack.Database));
        await connection.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand("SELECT e.index, s.name, e.body FROM log_entries e LEFT JOIN statements s USING (entry_id)", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var stored = new Dictionary<long, (string, byte[])>();
        while (await reader.ReadAsync(cancellation))
        {
            stored.Add(reader.GetInt64(0), (reader.IsDBNull(1) ? "" : reader.GetString(1), reader.GetFieldValue<byte[]>(2)));
        }

        return stored;
    }
}
