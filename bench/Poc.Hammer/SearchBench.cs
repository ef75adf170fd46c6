using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Statements;

namespace Poc.Hammer;

/// <summary>How long searches take among many statements, over gRPC, as one caller sees them: from words in every fourth text to words in one.</summary>
internal static class SearchBench
{
    private const int Batch = 10_000;
    private const int Each = 150; // searches of a kind
    private const int Subjects = 2_000;
    private const int Speakers = 5_000;
    private const int Groups = 50;
    private const double LimitMs = 50;

    public static async Task<int> RunAsync(int count, FileInfo? output, Action<string> say, CancellationToken cancellation)
    {
        await using var stack = await ArchiveStack.StartAsync(say, cancellation);
        var texts = new SearchTexts(count);
        var searches = Kinds(texts, count).ToList();
        var start = Stopwatch.GetTimestamp();
        await SeedAsync(stack, texts, count, say, cancellation);
        while (await stack.NumberAsync("SELECT size - next_index FROM log_head, search_progress", cancellation) is > 0 and var behind)
        {
            say(string.Create(CultureInfo.InvariantCulture, $"search has {behind} entries to follow"));
            await Task.Delay(TimeSpan.FromSeconds(10), cancellation);
        }

        var followed = count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        await UntilSignedAsync(stack, cancellation);
        await stack.ExecuteAsync(ArchiveStack.Database, cancellation, "VACUUM ANALYZE", "CHECKPOINT");
        using var channel = GrpcChannel.ForAddress(stack.Address, new GrpcChannelOptions { MaxReceiveMessageSize = 64 * 1024 * 1024 });
        var client = new StatementArchiveService.StatementArchiveServiceClient(channel);
        var reviewer = new Metadata { { "authorization", $"Bearer {stack.Token(Roles.Reviewer)}" } };
        foreach (var (name, requests) in searches)
        {
            await MeasureAsync(client, reviewer, name, requests.Take(Each / 5));
        }

        var kinds = new List<Measured>();
        foreach (var (name, requests) in searches)
        {
            var measured = await MeasureAsync(client, reviewer, name, requests);
            kinds.Add(measured);
            say(measured.ToString());
        }

        var report = await ReportAsync(stack, count, followed, kinds, cancellation);
        say($"written to {await ResultsPage.WriteAsync(report, output, "search.md", cancellation)}");
        return 0;
    }

    // What a person would type; each kind in all scripts that can have it.
    private static IEnumerable<(string Name, IEnumerable<SearchStatementsRequest> Requests)> Kinds(SearchTexts texts, int count)
    {
        var random = new Random(1);
        var spaced = Enumerable.Range(0, SearchTexts.Scripts).Where(SearchTexts.IsSpaced).ToArray();
        yield return ("no words: the newest", Some(_ => new SearchStatementsRequest()));
        for (var script = 0; script < SearchTexts.Scripts; script++)
        {
            var here = script;
            yield return ($"a common word, {SearchTexts.Language(here)}", Some(i => Query(texts.Word(here, i % 20))));
            yield return ($"any word of a text, {SearchTexts.Language(here)}", Some(_ => Query(AnyWord(here))));
        }

        yield return ("zh, two characters at random", Some(_ => Query($"{(char)random.Next(0x4E00, 0x5200)}{(char)random.Next(0x4E00, 0x5200)}")));
        yield return ("zh, one character", Some(_ => Query($"{(char)random.Next(0x4E00, 0x5E00)}")));
        yield return ("a word of middling frequency", Some(i => Query(texts.Word(i % SearchTexts.Scripts, random.Next(100, 1_000)))));
        yield return ("two common words", Some(i => Query($"{texts.Word(i % 7, random.Next(20))} {texts.Word(i % 7, random.Next(20))}")));
        yield return ("a common and a rare word", Some(i => Query($"{texts.Word(i % 7, random.Next(20))} {texts.Word(i % 7, random.Next(20_000, 60_000))}")));
        yield return ("words of two scripts that no text has together", Some(i => Query($"{texts.Word(i % 7, random.Next(20))} {texts.Word((i + 1) % 7, random.Next(20))}")));
        yield return ("a phrase of a text", Some(_ => Query(Phrase())));
        yield return ("the beginning of a word", Some(_ => Query(AnyWord(spaced[random.Next(2)], longest: 6)[..4])));
        yield return ("a mistyped word", Some(_ => Query(Mistyped(AnyWord(spaced[random.Next(3)], longest: 6)))));
        yield return ("a mistyped and a common word", Some(_ => Query($"{Mistyped(AnyWord(0, longest: 6))} {texts.Word(0, random.Next(20))}")));
        yield return ("a word that nobody wrote", Some(_ => Query(Guid.NewGuid().ToString("N"))));
        yield return ("a word common long ago only", Some(i => Query(SearchTexts.EraWord(i % 8))));
        yield return ("a subject", Some(_ => new SearchStatementsRequest { Subject = $"subjects/s{random.Next(Subjects)}" }));
        yield return ("a common word of a speaker", Some(_ => new SearchStatementsRequest { Query = texts.Word(0, random.Next(20)), Speaker = $"speaker {random.Next(Speakers)}" }));
        yield return ("a common word about a group in two years", Some(_ => new SearchStatementsRequest
        {
            Query = texts.Word(1, random.Next(20)),
            GroupNamed = $"group {random.Next(Groups)}",
            SaidFrom = "2001-06-01",
            SaidUntil = "2003-05-31",
        }));
        yield return ("a language and a state", Some(_ => new SearchStatementsRequest { Language = "th", RetractionState = RetractionState.Unknown }));
        yield return ("a month", Some(_ => new SearchStatementsRequest { SaidFrom = "1995-03-01", SaidUntil = "1995-03-31" }));

        static IEnumerable<SearchStatementsRequest> Some(Func<int, SearchStatementsRequest> make) => Enumerable.Range(0, Each).Select(make).ToList();
        static SearchStatementsRequest Query(string words) => new() { Query = words };

        string AnyWord(int script, int longest = 0)
        {
            while (true)
            {
                var words = texts.Text((random.Next(count / SearchTexts.Scripts) * SearchTexts.Scripts) + script).Text.Split([' ', ',', '，'], StringSplitOptions.RemoveEmptyEntries);
                var word = words[random.Next(words.Length)];
                if (word.Length >= longest)
                {
                    return SearchTexts.IsSpaced(script) ? word : word[..2];
                }
            }
        }

        string Phrase()
        {
            var (script, text) = texts.Text(random.Next(count));
            if (!SearchTexts.IsSpaced(script))
            {
                return text[..5].Replace("，", "", StringComparison.Ordinal);
            }

            var words = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
            var at = random.Next(words.Length - 1);
            return $"\"{words[at]} {words[at + 1]}\"";
        }

        string Mistyped(string word)
        {
            var at = random.Next(1, word.Length - 2);
            return $"{word[..at]}{word[at + 1]}{word[at]}{word[(at + 2)..]}";
        }
    }

    private static async Task<Measured> MeasureAsync(
        StatementArchiveService.StatementArchiveServiceClient client, Metadata who, string name, IEnumerable<SearchStatementsRequest> requests)
    {
        var (times, found, near) = (new List<double>(), 0, 0);
        foreach (var request in requests)
        {
            var start = Stopwatch.GetTimestamp();
            var response = await client.SearchStatementsAsync(request, who);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            found += response.Statements.Count;
            near += response.Hits.Count(static hit => hit.Match != SearchMatch.Exact);
        }

        times.Sort();
        return new Measured(name, times.Count, found / (double)times.Count, near / (double)Math.Max(1, found), times);
    }

    private static async Task UntilSignedAsync(ArchiveStack stack, CancellationToken cancellation)
    {
        while (await stack.NumberAsync("SELECT (SELECT size FROM log_head) - (SELECT max(size) FROM log_checkpoints)", cancellation) > 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        }
    }

    /// <summary>Statements as the archive stores them, sealed and logged, past its calls: those would take half an hour.</summary>
    private static async Task SeedAsync(ArchiveStack stack, SearchTexts texts, int count, Action<string> say, CancellationToken cancellation)
    {
        await using var keySource = NpgsqlDataSource.Create(stack.Postgres.ConnectionStringOf(ArchiveStack.Keys));
        using var keys = new KeyStore(keySource, Options.Create(stack.KeyStore), new IdSource(TimeProvider.System), TimeProvider.System);
        for (var from = 0; from < count; from += Batch)
        {
            var made = Enumerable.Range(from, Math.Min(Batch, count - from)).Select(n => (Number: n, Id: Guid.NewGuid(), EntryId: Guid.NewGuid(), Subject: $"subjects/s{n % Subjects}")).ToList();
            var ring = await keys.EnsureAsync([.. made.Select(row => (row.Id, row.Subject))], cancellation);
            await using var connection = new NpgsqlConnection(stack.Postgres.ConnectionStringOf(ArchiveStack.Database));
            await connection.OpenAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            var head = await ExecuteAsync("SELECT size FROM log_head FOR UPDATE", connection, cancellation);
            await ExecuteAsync("SET LOCAL session_replication_role = replica", connection, cancellation); // the trigger would give the indices one by one
            await using (var copy = await connection.BeginBinaryImportAsync("COPY log_entries (index, entry_id, object_id, kind, body) FROM STDIN (FORMAT binary)", cancellation))
            {
                foreach (var row in made)
                {
                    await copy.StartRowAsync(cancellation);
                    await copy.WriteAsync(head++, cancellation);
                    await copy.WriteAsync(row.EntryId, cancellation);
                    await copy.WriteAsync(row.Id, cancellation);
                    await copy.WriteAsync("statement", cancellation);
                    await copy.WriteAsync(Encoding.UTF8.GetBytes($$"""{"id":"{{row.EntryId}}","kind":"statement","object":"{{row.Id}}"}"""), cancellation);
                }

                await copy.CompleteAsync(cancellation);
            }

            await using (var copy = await connection.BeginBinaryImportAsync("COPY statements (statement_id, name, subject, sealed, entry_id, captured_at) FROM STDIN (FORMAT binary)", cancellation))
            {
                foreach (var row in made)
                {
                    var name = $"{row.Subject}/statements/n{row.Number}";
                    var statement = Make(texts, row.Number);
                    var evidence = new Evidence(statement.Text, EvidenceRecord.Of(name, statement), RandomNumberGenerator.GetBytes(32));
                    await copy.StartRowAsync(cancellation);
                    await copy.WriteAsync(row.Id, cancellation);
                    await copy.WriteAsync(name, cancellation);
                    await copy.WriteAsync(row.Subject, cancellation);
                    await copy.WriteAsync((ring.Find(row.Id) ?? throw new InvalidOperationException("No key was made.")).Close(row.EntryId, evidence), cancellation);
                    await copy.WriteAsync(row.EntryId, cancellation);
                    await copy.WriteAsync(DateTime.UnixEpoch.AddDays(18_000).AddMinutes(row.Number), NpgsqlDbType.TimestampTz, cancellation);
                }

                await copy.CompleteAsync(cancellation);
            }

            await ExecuteAsync($"UPDATE log_head SET size = {head.ToString(CultureInfo.InvariantCulture)}", connection, cancellation);
            await transaction.CommitAsync(cancellation);
            if ((from / Batch) % 10 == 9)
            {
                say(string.Create(CultureInfo.InvariantCulture, $"{from + Batch} statements made"));
            }
        }
    }

    private static Statement Make(SearchTexts texts, int n)
    {
        var (script, text) = texts.Text(n);
        return new Statement
        {
            Speaker = $"speaker {n % Speakers}",
            ContentKind = ContentKind.Verbatim,
            Text = text,
            Language = SearchTexts.Language(script),
            Uttered = new UncertainDate
            {
                Earliest = new DateOnly(1960, 1, 1).AddDays(n * 7 % 22_000).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                Precision = DatePrecision.Day,
                Confidence = Confidence.High,
            },
            GroupsNamed = { $"group {n % Groups}" },
            Synthetic = true,
        };
    }

    private static async Task<long> ExecuteAsync(string sql, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation) ?? 0L, CultureInfo.InvariantCulture);
    }

    private static async Task<string> ReportAsync(ArchiveStack stack, int count, double followed, IReadOnlyList<Measured> kinds, CancellationToken cancellation)
    {
        var text = new StringBuilder();
        var all = kinds.SelectMany(static kind => kind.Sorted).Order().ToList();
        text.AppendLine("# Search among many statements\n");
        text.AppendLine("Made by `Poc.Hammer search`. One caller, one search after another over gRPC, pages of 50 with all that is on record about each; texts are synthetic.\n");
        text.Append(await ResultsPage.SurroundingsAsync(stack.Postgres, cancellation));
        text.AppendLine(CultureInfo.InvariantCulture, $"- Build: {ResultsPage.Configuration}");
        text.AppendLine(CultureInfo.InvariantCulture, $"- {count:N0} statements of 12 to 60 words in seven scripts (Latin, Cyrillic, Arabic, Devanagari, Chinese, Hangul, Thai)");
        text.AppendLine(CultureInfo.InvariantCulture, $"- Written, sealed and made searchable: {followed:N0} statements a second");
        foreach (var table in (string[])["search_texts", "search_words", "statements"])
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- `{table}` with its indexes: {await stack.NumberAsync($"SELECT pg_total_relation_size('{table}')", cancellation) / 1e6:N0} MB");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"\nAim: p99 of at most {LimitMs} ms. All searches together: p50 {Percentile(all, 50):N1} ms, p99 {Percentile(all, 99):N1} ms, {Percentile(all, 99) / LimitMs:N2} of the limit.\n");
        text.AppendLine("| search | searches | found, on average | of them not exactly | p50 ms | p99 ms | p99 / limit |");
        text.AppendLine("|---|---|---|---|---|---|---|");
        foreach (var kind in kinds)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {kind.Name} | {kind.Count} | {kind.Found:N1} | {kind.Near:P0} | {Percentile(kind.Sorted, 50):N1} | {Percentile(kind.Sorted, 99):N1} | {Percentile(kind.Sorted, 99) / LimitMs:N2} |");
        }

        return text.ToString();
    }

    private static double Percentile(IReadOnlyList<double> sorted, int percent) => sorted[Math.Min(sorted.Count - 1, sorted.Count * percent / 100)];

    private sealed record Measured(string Name, int Count, double Found, double Near, IReadOnlyList<double> Sorted)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}: p50 {Percentile(Sorted, 50):N1} ms, p99 {Percentile(Sorted, 99):N1} ms, {Found:N1} found");
    }
}
