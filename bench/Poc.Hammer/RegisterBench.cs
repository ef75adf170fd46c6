using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Hammer;

/// <summary>What to measure.</summary>
internal sealed record RegisterSettings(int Designations, TimeSpan Duration, int Rounds, FileInfo? Output);

/// <summary>The public register's figures: answers for a day of the past, and reads beside empty calls of the same host while decisions are written.</summary>
internal static class RegisterBench
{
    private const int Changes = 20;
    private const int Callers = 32;
    private const int AsOfReads = 20_000;
    private const int Searches = 500;
    private const double AsOfLimitMs = 10;
    private const double ReadAim = 0.5;

    // What a decision in force writes, without the panel before it: so many a second is more than any organisation decides in a day.
    private const int WritesPerSecond = 10;

    // Each designation is given and ended by turns, on days that are 200 apart. Names are made of syllables, so that some are nearly alike.
    private const string SeedSql = """
        INSERT INTO subjects (name, native_name, script, transliterations, synthetic, recorded_at)
        SELECT 'subjects/b' || i, given || ' ' || family, 'Latn', ARRAY[family || ' ' || given], true, '1999-01-01'
        FROM generate_series(0, $1::int - 1) AS i, LATERAL (SELECT
            (ARRAY['Ala','Bori','Cela','Daro','Eli','Fara','Goro','Hana','Ivo','Jana','Karo','Lina'])[1 + i % 12] || (ARRAY['na','mir','slav','ta','ris'])[1 + i / 12 % 5] AS given,
            (ARRAY['Kova','Petro','Gori','Mele','Saro','Vilko','Zana','Doro','Beri','Tama'])[1 + i / 60 % 10] || (ARRAY['len','dov','shin','rak','tis','mon','vel','gur'])[1 + i / 600 % 8]
                || (ARRAY['ko','ski','ova','enko','ian','ides','son'])[1 + i / 4800 % 7] || CASE WHEN i / 33600 > 0 THEN (ARRAY['ra','te','mi'])[i / 33600] ELSE '' END AS family) AS n;
        INSERT INTO episodes (name, subject, detained_on, description, recorded_at)
        SELECT 'subjects/b' || i || '/episodes/e1', 'subjects/b' || i, '2000-01-01', 'Synthetic.', '2000-01-01' FROM generate_series(0, $1::int - 1) AS i;
        INSERT INTO designation_changes (episode, sequence, state, label, effective_on, reason, said_on, recorded_by, recorded_at)
        SELECT 'subjects/b' || i || '/episodes/e1', n, CASE WHEN n = 1 THEN 'PROPOSED' WHEN n % 2 = 0 THEN 'DESIGNATED' ELSE 'CLOSED' END, '', day, 'Synthetic.', CASE WHEN n > 1 THEN day END, 'staff/bench', day
        FROM generate_series(0, $1::int - 1) AS i, generate_series(1, $2::int) AS n, LATERAL (SELECT '2000-01-01'::date + 200 * n + i % 200 AS day) AS d
        """;

    public static async Task<int> RunAsync(RegisterSettings settings, Action<string> say, CancellationToken cancellation)
    {
        await using var stack = await ReviewStack.StartAsync(connection => SeedAsync(connection, settings.Designations, say, cancellation), say, cancellation);
        using var channel = GrpcChannel.ForAddress(stack.Address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true } });
        var register = new RegisterService.RegisterServiceClient(channel);

        say("entries as of days of the past");
        await AsOfAsync(register, settings.Designations, seed: 1, AsOfReads / 10);
        var asOf = await AsOfAsync(register, settings.Designations, seed: 2, AsOfReads);
        say("searches by name");
        await SearchAsync(register, settings.Designations, seed: 1, Searches / 10);
        var searches = await SearchAsync(register, settings.Designations, seed: 2, Searches);

        say("each entry once, so that it is kept");
        using var http = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true }) { BaseAddress = new Uri(stack.Address) };
        await KeepAllAsync(http, settings.Designations);
        using var nothing = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true }) { BaseAddress = new Uri(stack.EmptyAddress) };
        var rounds = new List<Round>();
        for (var number = 0; number <= settings.Rounds; number++)
        {
            var duration = number == 0 ? TimeSpan.FromSeconds(5) : settings.Duration; // the first warms up
            var empty = await EmptyAsync(nothing, duration);
            var (reads, writes) = await ReadAsync(stack, http, channel, settings.Designations, duration);
            say(string.Create(CultureInfo.InvariantCulture, $"round {number}: empty {empty:N0}/s, register {reads:N0}/s while {writes:N1} a second were written"));
            if (number > 0)
            {
                rounds.Add(new Round(empty, reads, writes));
            }
        }

        var report = await ReportAsync(stack, settings, asOf, searches, rounds, cancellation);
        say($"written to {await ResultsPage.WriteAsync(report, settings.Output, "register.md", cancellation)}");
        return 0;
    }

    private static async Task SeedAsync(NpgsqlConnection connection, int designations, Action<string> say, CancellationToken cancellation)
    {
        say(string.Create(CultureInfo.InvariantCulture, $"making {designations} designations of {Changes} changes"));
        // Without the triggers, which would look at each row.
        foreach (var sql in SeedSql.Split(";\n").Prepend("SET session_replication_role = replica").Append("VACUUM ANALYZE"))
        {
            await using var command = new NpgsqlCommand(sql.Trim(), connection) { CommandTimeout = 3_600 };
            foreach (var value in (int[])[designations, Changes])
            {
                if (sql.Contains(value == Changes ? "$2" : "$1", StringComparison.Ordinal))
                {
                    command.Parameters.Add(new NpgsqlParameter { Value = value });
                }
            }

            await command.ExecuteNonQueryAsync(cancellation);
        }
    }

    // Any entry on any day: next to none is asked for twice.
    private static async Task<IReadOnlyList<double>> AsOfAsync(RegisterService.RegisterServiceClient register, int designations, int seed, int count)
    {
        var random = new Random(seed);
        return await TimesAsync(count, () => register.GetRegisterEntryAsync(new GetRegisterEntryRequest
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"register/b{random.Next(designations)}"),
            AsOf = new DateOnly(2000, 9, 1).AddDays(random.Next(4_000)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        }));
    }

    private static async Task<IReadOnlyList<double>> SearchAsync(RegisterService.RegisterServiceClient register, int designations, int seed, int count)
    {
        var random = new Random(seed);
        var names = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var entry = (await register.GetRegisterEntryAsync(new GetRegisterEntryRequest { Name = string.Create(CultureInfo.InvariantCulture, $"register/b{random.Next(designations)}") })).Entry;
            var family = entry.NativeName.Split(' ')[1];
            var at = random.Next(1, family.Length - 2);
            names.Add(random.Next(2) == 0 ? family : $"{family[..at]}{family[at + 1]}{family[at]}{family[(at + 2)..]} {entry.NativeName.Split(' ')[0]}");
        }

        var next = 0;
        return await TimesAsync(count, () => register.SearchRegisterAsync(new SearchRegisterRequest { Query = names[next++], PageSize = 20 }));
    }

    private static async Task<IReadOnlyList<double>> TimesAsync<T>(int count, Func<AsyncUnaryCall<T>> call)
    {
        var times = new List<double>(count);
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await call();
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        return times;
    }

    // The same method of a host that does nothing for it.
    private static Task<double> EmptyAsync(HttpClient http, TimeSpan duration) => RateAsync(duration, (_, _) => CallAsync(http, new GetRegisterEntryRequest()));

    private static async Task KeepAllAsync(HttpClient http, int designations)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var entry && entry < designations)
            {
                await EntryAsync(http, entry);
            }
        })));
    }

    /// <summary>Reads of entries, a few of them far oftener than the others, while the register is written to.</summary>
    private static async Task<(double Reads, double Writes)> ReadAsync(ReviewStack stack, HttpClient http, GrpcChannel channel, int designations, TimeSpan duration)
    {
        using var ended = new CancellationTokenSource();
        var writing = WriteAsync(stack, channel, designations, ended.Token);
        var reads = await RateAsync(duration, (caller, number) =>
        {
            var rank = new Random((caller * 1_000_003) + number).NextDouble();
            return EntryAsync(http, (int)(designations * Math.Pow(rank, 8))); // half of all reads are of four in a thousand
        });
        await ended.CancelAsync();
        return (reads, await writing / duration.TotalSeconds);
    }

    private static Task EntryAsync(HttpClient http, int entry) => CallAsync(http, new GetRegisterEntryRequest { Name = string.Create(CultureInfo.InvariantCulture, $"register/b{entry}") });

    // By hand, so that the client, which shares the machine, takes as little of it as it can.
    private static async Task CallAsync(HttpClient http, GetRegisterEntryRequest message)
    {
        const string Method = "/poc.review.v1.RegisterService/GetRegisterEntry";
        var body = new byte[5 + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), body.Length - 5);
        message.WriteTo(body.AsSpan(5));
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        using var request = new HttpRequestMessage(HttpMethod.Post, Method) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = content };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        using var answer = await http.SendAsync(request);
        var status = answer.TrailingHeaders.TryGetValues("grpc-status", out var values) || answer.Headers.TryGetValues("grpc-status", out values) ? values.First() : "none";
        if (status != "0")
        {
            throw new InvalidOperationException($"{Method} was answered with grpc-status {status}.");
        }
    }

    // Ends and restores the designation of one entry after another, which everybody reads anew from then on.
    private static async Task<int> WriteAsync(ReviewStack stack, GrpcChannel channel, int designations, CancellationToken ended)
    {
        var review = new ReviewService.ReviewServiceClient(channel);
        var approver = new Metadata { { "authorization", $"Bearer {stack.Token(Roles.Approver)}" } };
        var written = 0;
        using var tick = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / WritesPerSecond));
        try
        {
            while (await tick.WaitForNextTickAsync(ended))
            {
                await review.EndDesignationAsync(new EndDesignationRequest
                {
                    RequestId = Guid.NewGuid().ToString(),
                    Episode = string.Create(CultureInfo.InvariantCulture, $"subjects/b{Interlocked.Increment(ref _ended) % designations}/episodes/e1"),
                    State = DesignationState.Closed,
                    EffectiveOn = "2024-01-01",
                    Reason = "Synthetic.",
                }, approver, cancellationToken: CancellationToken.None);
                written++;
            }
        }
        catch (OperationCanceledException)
        {
            // The round is over.
        }

        return written;
    }

    private static int _ended;

    private static async Task<double> RateAsync(TimeSpan duration, Func<int, int, Task> call)
    {
        var end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var counts = await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            var count = 0;
            while (Stopwatch.GetTimestamp() < end)
            {
                await call(caller, count);
                count++;
            }

            return count;
        })));
        return counts.Sum() / duration.TotalSeconds;
    }

    private static async Task<string> ReportAsync(
        ReviewStack stack, RegisterSettings settings, IReadOnlyList<double> asOf, IReadOnlyList<double> searches, IReadOnlyList<Round> rounds, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        text.AppendLine("# The public register\n");
        text.AppendLine("Made by `Poc.Hammer register`. Everything in it is synthetic.\n");
        text.Append(await ResultsPage.SurroundingsAsync(stack.Postgres, cancellation));
        text.AppendLine(CultureInfo.InvariantCulture, $"- Build: {ResultsPage.Configuration}");
        text.AppendLine(CultureInfo.InvariantCulture, $"- {settings.Designations:N0} designations of {Changes} changes each\n");
        text.AppendLine("One caller, one call after another:\n");
        text.AppendLine("| call | calls | p50 ms | p99 ms | aim, p99 ms |");
        text.AppendLine("|---|---|---|---|---|");
        text.AppendLine(CultureInfo.InvariantCulture, $"| an entry as it was said on a day, any entry and any day | {asOf.Count} | {Percentile(asOf, 50):N2} | {Percentile(asOf, 99):N2} | {AsOfLimitMs} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| a search by family name, or by both names with two letters swapped, 20 a page | {searches.Count} | {Percentile(searches, 50):N2} | {Percentile(searches, 99):N2} | |");
        text.AppendLine(CultureInfo.InvariantCulture, $"\n{Callers} callers, each with its next call once it has an answer; in turns, {settings.Duration.TotalSeconds:N0} s each. The empty call is of the same method in a process with the same gRPC host (its gate for callers, its limits, its telemetry) and an implementation that does nothing; both are called by the same plain HTTP/2 client. Every entry was read once before, so that it is kept where nothing changed it. Meanwhile designations are ended, each of which ends what is kept of its entry, and of lists.\n");
        text.AppendLine("| round | empty calls a second | reads a second | writes a second | reads / empty calls (aim 0.5) |");
        text.AppendLine("|---|---|---|---|---|");
        foreach (var (round, number) in rounds.Select(static (round, i) => (round, i + 1)))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {number} | {round.Empty:N0} | {round.Reads:N0} | {round.Writes:N1} | {round.Reads / round.Empty:N2} |");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"\nMedian ratio: {ResultsPage.Median(rounds.Select(static round => round.Reads / round.Empty)):N2}, aim {ReadAim:N1}.");
        return text.ToString();
    }

    private static double Percentile(IReadOnlyList<double> sorted, int percent) => sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];

    private sealed record Round(double Empty, double Reads, double Writes);
}
