using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Notes;
using Poc.LocalHost.Processes;
using Poc.StatementArchive.Tests.Log;
using Poc.Testing;

namespace Poc.StatementArchive.Tests.Witnesses;

/// <summary>A real archive and real witnesses, each a process of its own, over HTTP.</summary>
public sealed class WitnessSenderTests
{
    private const string Origin = "poc.example/log";
    private const string Alarmed = "does not know the log that was signed";
    private static readonly NoteSigner _log = new(Origin, new byte[32]);

    [Fact]
    public async Task Each_checkpoint_is_cosigned_and_served_as_a_note_that_poc_verify_reads()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var witness = new RunningWitness(_log.PublicKey);
        witness.Start();
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: witness.Settings);
        var folder = Directory.CreateTempSubdirectory("poc-cosigned-").FullName;
        foreach (var size in (long[])[1, 2, 300])
        {
            await ServeTileTests.GrowAsync(database, service, size);
            await CosignedAsync(service, size);
            var answer = await service.Client.GetCheckpointAsync(new GetCheckpointRequest());
            var note = SignedNote.Open(answer.CosignedCheckpoint, _log.PublicKey, witness.Key);
            Assert.Equal([_log.PublicKey, witness.Key], note.Signers);
            Assert.StartsWith(answer.Checkpoint, answer.CosignedCheckpoint, StringComparison.Ordinal);
            var seen = Assert.Single(answer.Witnesses);
            Assert.Equal((witness.Key.ToString(), size, 0, false), (seen.VerifierKey, seen.TreeSize, seen.UnwitnessedSeconds, seen.Disputed));
            Assert.Equal(Checkpoint.Parse(note.Text).RootHash, witness.Known().RootHash);

            Assert.Equal(answer.CosignedCheckpoint, await GetAsync(service, "/checkpoint"));
            var (file, token) = (Path.Combine(folder, "note"), Path.Combine(folder, "token"));
            await File.WriteAllTextAsync(file, answer.CosignedCheckpoint);
            await File.WriteAllTextAsync(token, ArchiveService.Auditor.GetValue("authorization")!["Bearer ".Length..]);
            var verified = await ServeTileTests.VerifyAsync("note", file, "--key", _log.PublicKey.ToString(), "--key", witness.Key.ToString());
            Assert.True(verified.ExitCode == 0, verified.Output);
            Assert.Contains("signed by witness.example as a witness", verified.Output, StringComparison.Ordinal);
            var whole = await ServeTileTests.VerifyAsync("log", service.WebAddress, "--key", _log.PublicKey.ToString(), "--token", token);
            Assert.True(whole.ExitCode == 0, whole.Output);
        }

        Assert.Contains("\"witnesses\":\"Healthy\"", await GetAsync(service, "/health"), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_witness_that_is_away_holds_nothing_up_and_is_caught_up_with_when_it_is_back()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var witness = new RunningWitness(_log.PublicKey);
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: witness.Settings);
        await ProvenAsync(service, "s-1");
        await HealthBecomesAsync(service, "Degraded");
        Assert.True((await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).Witnesses.Single().UnwitnessedSeconds >= 1);
        Assert.Equal("", (await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).CosignedCheckpoint);

        witness.Start();
        await CosignedAsync(service, 1);
        await HealthBecomesAsync(service, "Healthy");

        await witness.KillAsync();
        await ProvenAsync(service, "s-2");
        await ProvenAsync(service, "s-3");
        await HealthBecomesAsync(service, "Degraded");
        var meanwhile = await service.Client.GetCheckpointAsync(new GetCheckpointRequest());
        Assert.Equal(1, Checkpoint.Open(meanwhile.CosignedCheckpoint, _log.PublicKey).Size);
        Assert.Equal(meanwhile.Checkpoint, await GetAsync(service, "/checkpoint"));

        witness.Start();
        await CosignedAsync(service, 3);
        Assert.DoesNotContain(Alarmed, service.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Goes_on_from_the_size_that_the_witness_knows_where_an_answer_was_lost()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var witness = new RunningWitness(_log.PublicKey);
        var settings = witness.Settings;
        await using (var first = await ArchiveService.StartAsync(database.ConnectionString))
        {
            witness.Teach(2, Checkpoint.Open(await ServeTileTests.GrowAsync(database, first, 2), _log.PublicKey).RootHash);
        }

        witness.Start();
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: settings);
        await CosignedAsync(service, 2);
        await ProvenAsync(service, "s-3");
        await CosignedAsync(service, 3);
        Assert.DoesNotContain(Alarmed, service.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_was_set_back_is_an_alarm_and_no_other_history_is_ever_cosigned()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var witness = new RunningWitness(_log.PublicKey);
        witness.Start();
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: witness.Settings);
        foreach (var id in (string[])["s-1", "s-2", "s-3"])
        {
            await CosignedAsync(service, (await ProvenAsync(service, id)).LogIndex + 1);
        }

        await service.KillAsync();
        foreach (var sql in (string[])
            ["DELETE FROM log_cosignatures WHERE size > 1", "DELETE FROM log_checkpoints WHERE size > 1", "DELETE FROM log_tree_heads WHERE size > 1",
                "DELETE FROM log_nodes WHERE level > 0 OR index > 0", "DELETE FROM log_entries WHERE index > 0", "UPDATE log_head SET size = 1"])
        {
            Assert.NotEqual(0, await SharedArchive.TamperAsync(database.Database, sql));
        }

        // All that is left was cosigned: it is found at once all the same.
        await service.StartAgainAsync();
        await AlarmAsync(service, "The witness knows a tree of 3 entries");
        await HealthBecomesAsync(service, "Degraded");
        Assert.True((await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).Witnesses.Single().Disputed);

        // It grows by another way, to the size that the witness knows and beyond. Signing goes on.
        await ServeTileTests.GrowAsync(database, service, 3);
        await AlarmAsync(service, "The witness knows another tree of 3 entries");
        await ServeTileTests.GrowAsync(database, service, 5);
        await AlarmAsync(service, "does not extend the one of 3 entries");
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT max(size) FROM log_cosignatures"));
        Assert.Equal(3, witness.Known().Size);

        // Still so after a restart, and still said.
        await service.KillAsync();
        await service.StartAgainAsync();
        await HealthBecomesAsync(service, "Degraded");
        Assert.True((await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).Witnesses.Single().Disputed);
    }

    [Fact]
    public async Task Keeps_no_cosignature_but_the_witness_s_own_over_the_checkpoint()
    {
        using var cosigner = new Cosigner("witness.example", [.. Enumerable.Repeat((byte)7, 32)]);
        using var forger = new Cosigner("witness.example", [.. Enumerable.Repeat((byte)8, 32)]);
        var now = TimeProvider.System.GetUtcNow();
        var broken = (string text) => cosigner.Cosign(text, now).TrimEnd()[..^8] + "AAAAAA==\n";
        var answers = new ConcurrentQueue<Func<string, IResult>>(
        [
            text => Results.Text(forger.Cosign(text, now)),
            text => Results.Text(cosigner.Cosign(text.Replace("\n1\n", "\n2\n", StringComparison.Ordinal), now)),
            text => Results.Text(broken(text)),
            text => Results.Text(_log.Sign(text).Split("\n\n")[1]),
            _ => Results.Text(""),
            _ => Results.Text("<html>"),
            text => Results.Text(cosigner.Cosign(text, now) + new string('x', 100_000)),
            _ => Results.Redirect("/elsewhere", preserveMethod: true),
            _ => Results.StatusCode(StatusCodes.Status403Forbidden),
            _ => Results.Text("many\n", statusCode: StatusCodes.Status409Conflict),
        ]);
        var failures = answers.Count;
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPorts.Take()}");
        await using var database = await TestDatabase.CreateAsync("archivedb");
        var before = new ConcurrentQueue<long>();
        var isElsewhere = false;
        // Not where the settings of the service lie.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = Path.GetTempPath() });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        await using var stranger = builder.Build();
        stranger.MapPost("/elsewhere", () => isElsewhere = true);
        stranger.MapPost("/add-checkpoint", async (HttpRequest request) =>
        {
            before.Enqueue(await database.ScalarAsync<long>("SELECT count(*) FROM log_cosignatures"));
            using var body = new StreamReader(request.Body, Encoding.UTF8);
            var text = (await body.ReadToEndAsync()).Split("\n\n")[1] + "\n";
            // Among the lines of others its own is found.
            return answers.TryDequeue(out var answer) ? answer(text) : Results.Text(forger.Cosign(text, now) + cosigner.Cosign(text, now));
        });
        await stranger.StartAsync(TestContext.Current.CancellationToken);

        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: RunningWitness.SettingsOf(cosigner.PublicKey, url));
        await ProvenAsync(service, "s-1");
        await CosignedAsync(service, 1);
        Assert.Equal(Enumerable.Repeat(0L, failures + 1), before);
        Assert.False(isElsewhere);
        var note = (await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).CosignedCheckpoint;
        Assert.EndsWith(cosigner.Cosign(note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 1)], now), note, StringComparison.Ordinal);
        Assert.DoesNotContain(Alarmed, service.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Log:Witnesses:0:VerifierKey", "nonsense")]
    [InlineData("Log:Witnesses:0:VerifierKey", "poc.example/log+0d9b4d1c+ATtqJ7zZtRyevBVaXjb3kDrLteyzNvZz7Y5w+xKO4pgp")]
    [InlineData("Log:Witnesses:0:Url", "witness.example")]
    [InlineData("Log:Witnesses:0:Url", "file:///witness")]
    [InlineData("Log:Witnesses:0:Url", "http://user:password@witness.example")]
    [InlineData("Log:Witnesses:0:Url", "")]
    public async Task Does_not_start_with_a_witness_that_is_none(string setting, string value)
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        using var cosigner = new Cosigner("witness.example", new byte[32]);
        var settings = RunningWitness.SettingsOf(cosigner.PublicKey, "https://witness.example");
        settings[setting] = value;
        await using var service = ArchiveService.Launch(database.ConnectionString, settings: settings);
        Assert.NotEqual(0, await service.Exited.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Contains("Log:Witnesses:0", service.Output, StringComparison.Ordinal);
    }

    private static async Task<Statement> ProvenAsync(ArchiveService service, string id)
    {
        var stored = await service.Client.RecordAsync("subjects/witnessed", id);
        await service.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = stored.LogIndex });
        return stored;
    }

    private static Task CosignedAsync(ArchiveService service, long size) => Eventually.BecomesTrueAsync(
        async () => (await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).Witnesses.Single().TreeSize == size, TimeSpan.FromSeconds(60));

    private static Task AlarmAsync(ArchiveService service, string reason) => Eventually.BecomesTrueAsync(
        () => service.Output.Split('\n').Any(line => line.Contains(Alarmed, StringComparison.Ordinal) && line.Contains(reason, StringComparison.Ordinal)), TimeSpan.FromSeconds(60));

    private static Task HealthBecomesAsync(ArchiveService service, string state) => Eventually.BecomesTrueAsync(
        async () => (await GetAsync(service, "/health")).Contains($"\"witnesses\":\"{state}\"", StringComparison.Ordinal), TimeSpan.FromSeconds(60));

    private static async Task<string> GetAsync(ArchiveService service, string path)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(service.WebAddress + path));
        return await answer.Content.ReadAsStringAsync();
    }
}
