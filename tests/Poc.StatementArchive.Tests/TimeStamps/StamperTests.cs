using System.Security.Cryptography.X509Certificates;
using System.Text;
using Poc.Contracts.StatementArchive.V1;
using Poc.Kernel.Exports;
using Poc.Kernel.Notes;
using Poc.Kernel.Stamps;
using Poc.StatementArchive.Tests.Exports;
using Poc.Testing;
using Poc.Verify;

namespace Poc.StatementArchive.Tests.TimeStamps;

/// <summary>The archive with an authority that openssl plays.</summary>
public sealed class StamperTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>What an archive is told of an authority, and that it shall not wait long.</summary>
    public static Dictionary<string, string?> SettingsOf(TimeStampAuthority authority, int intervalSeconds = 1) => new()
    {
        ["Log:TimeStampAuthorities:0:Name"] = "tsa",
        ["Log:TimeStampAuthorities:0:Url"] = authority.Url,
        ["Log:TimeStampAuthorities:0:CertificateFile"] = authority.RootFile,
        ["Log:TimeStampIntervalSeconds"] = $"{intervalSeconds}",
        ["Log:TimeStampPatienceSeconds"] = "1",
    };

    [Fact]
    public async Task Stamps_the_newest_checkpoint_and_openssl_takes_what_is_served()
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        authority.Start();
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: SettingsOf(authority));
        var statement = await service.Client.RecordAsync(Some.Subject("stamped"));

        var stamp = await StampedAsync(service, statement.LogIndex + 1);

        var checkpoint = Checkpoint.Parse(stamp.CheckpointText);
        Assert.Equal(("tsa", checkpoint.Size), (stamp.Authority, stamp.TreeSize));
        Assert.True(await authority.VerifiesAsync(stamp.Token.ToByteArray(), Encoding.UTF8.GetBytes(stamp.CheckpointText)));
        Assert.False(await authority.VerifiesAsync(stamp.Token.ToByteArray(), Encoding.UTF8.GetBytes(stamp.CheckpointText + "\n")));
        using var root = X509CertificateLoader.LoadCertificate(authority.Root);
        Assert.Equal(TimeStamp.Verify(stamp.Token.ToByteArray(), Encoding.UTF8.GetBytes(stamp.CheckpointText), [root]).At, stamp.StampedAt.ToDateTimeOffset());
        await HealthBecomesAsync(service, "Healthy");
    }

    [Fact]
    public async Task An_authority_that_is_away_holds_nothing_up_and_its_missing_stamp_shows_until_it_is_back()
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: SettingsOf(authority));
        var statement = await service.Client.RecordAsync(Some.Subject("stamped"));

        await HealthBecomesAsync(service, "Degraded");
        var missing = (await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).TimeStamps.Single();
        Assert.Equal(("tsa", 0L, true), (missing.Authority, missing.TreeSize, missing.Token.IsEmpty));
        Assert.True(missing.UnstampedSeconds >= 2);
        Assert.Contains("Authority tsa gave no time-stamp", service.Output, StringComparison.Ordinal);

        authority.Start();
        await StampedAsync(service, statement.LogIndex + 1);
        await HealthBecomesAsync(service, "Healthy");
    }

    [Fact]
    public async Task Keeps_no_stamp_that_does_not_hold()
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        await using var other = await TimeStampAuthority.CreateAsync();
        var old = await authority.StampAsync("something else"u8.ToArray());
        var answers = new Queue<Func<byte[], Task<byte[]>>>([
            other.ReplyAsync, // signed by somebody else
            _ => Task.FromResult(old), // an answer to another request
            _ => Task.FromResult("<html>"u8.ToArray()),
            _ => Task.FromResult<byte[]>([0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02]), // status 2, rejection
        ]);
        authority.Answer = query => answers.TryDequeue(out var answer) ? answer(query) : authority.ReplyAsync(query);
        authority.Start();
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: SettingsOf(authority));
        var statement = await service.Client.RecordAsync(Some.Subject("stamped"));

        await StampedAsync(service, statement.LogIndex + 1);

        Assert.Empty(answers);
        Assert.Equal(4, service.Output.Split("gave no time-stamp").Length - 1);
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM log_timestamps"));
    }

    [Fact]
    public async Task An_authority_is_not_asked_more_often_than_the_interval_says()
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        authority.Start();
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: SettingsOf(authority, intervalSeconds: 3_600));
        var first = await service.Client.RecordAsync(Some.Subject("stamped"));
        await StampedAsync(service, first.LogIndex + 1);

        var second = await service.Client.RecordAsync(Some.Subject("stamped"));
        await Eventually.BecomesTrueAsync(async () => (await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).TimeStamps.Single().UnstampedSeconds >= 3);
        Assert.Equal(1, authority.Asked);

        // An export is stamped all the same.
        using var bag = await ExportedBag.OfAsync(service, second.Name);
        Assert.Equal(2, authority.Asked);
    }

    [Fact]
    public async Task An_export_brings_the_first_stamp_of_each_entry_and_one_of_its_own()
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        authority.Start();
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: SettingsOf(authority));
        var first = await service.Client.RecordAsync(Some.Subject("stamped"));
        var stamped = await StampedAsync(service, first.LogIndex + 1);
        using var bag = await ExportedBag.OfAsync(service, first.Name);
        await File.AppendAllTextAsync(bag.PolicyFile, $"authority tsa {Convert.ToBase64String(authority.Root)}\ntimestamp all\n", Ended);

        var verdict = await bag.VerifyAsync();

        Assert.True(verdict.ExitCode == VerifyCommand.Verified, verdict.Output);
        var own = Checkpoint.Parse(Encoding.UTF8.GetString(bag.Read(ExportLayout.Checkpoint)).Split("\n\n")[0] + "\n").Size;
        Assert.Equal(
            [ExportLayout.StampedText(stamped.TreeSize), ExportLayout.StampedConsistency(stamped.TreeSize), ExportLayout.Token(stamped.TreeSize, "tsa"), ExportLayout.StampedText(own), ExportLayout.Token(own, "tsa")],
            bag.Files.Where(file => file.StartsWith(ExportLayout.TimeStampFolder, StringComparison.Ordinal)).OrderBy(file => file.Split('/')[2].Length).ThenBy(file => file, StringComparer.Ordinal));
        foreach (var size in (long[])[stamped.TreeSize, own])
        {
            Assert.True(await authority.VerifiesAsync(bag.Read(ExportLayout.Token(size, "tsa")), bag.Read(ExportLayout.StampedText(size))));
        }

        // What the archive proposes says the same, and vouches for nothing.
        Assert.Equal(VerifyCommand.NotAuthentic, (await ExportedBag.RunAsync(bag.Folder)).ExitCode);

        // Another authority of that name.
        await using var other = await TimeStampAuthority.CreateAsync();
        var policy = await File.ReadAllTextAsync(bag.PolicyFile, Ended);
        await File.WriteAllTextAsync(bag.PolicyFile, policy.Replace(Convert.ToBase64String(authority.Root), Convert.ToBase64String(other.Root), StringComparison.Ordinal), Ended);
        Assert.Equal(["timestamp_untrusted"], (await bag.VerifyAsync()).Reasons);
    }

    [Fact]
    public async Task An_export_without_a_stamp_says_so_and_is_refused_where_the_policy_asks_for_one()
    {
        await using var authority = await TimeStampAuthority.CreateAsync();
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString, settings: SettingsOf(authority));
        using var bag = await ExportedBag.OfAsync(service, (await service.Client.RecordAsync(Some.Subject("stamped"))).Name);

        var verdict = await bag.VerifyAsync();
        Assert.True(verdict.ExitCode == VerifyCommand.Verified, verdict.Output);
        Assert.Contains("there is no time-stamp by an authority of the policy", verdict.Output, StringComparison.Ordinal);

        await File.AppendAllTextAsync(bag.PolicyFile, $"authority tsa {Convert.ToBase64String(authority.Root)}\ntimestamp any\n", Ended);
        Assert.Equal(["timestamp_missing"], (await bag.VerifyAsync()).Reasons);
        Assert.Equal(VerifyCommand.NotVerified, (await ExportedBag.RunAsync(bag.Folder)).ExitCode);
    }

    [Fact]
    public async Task A_start_with_an_authority_that_cannot_be_verified_fails()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = ArchiveService.Launch(database.ConnectionString, settings: new Dictionary<string, string?>
        {
            ["Log:TimeStampAuthorities:0:Name"] = "tsa",
            ["Log:TimeStampAuthorities:0:Url"] = "http://127.0.0.1:1",
            ["Log:TimeStampAuthorities:0:CertificateFile"] = "/none.pem",
        });
        Assert.NotEqual(0, await service.Exited.WaitAsync(TimeSpan.FromMinutes(1), Ended));
        Assert.Contains("Log:TimeStampAuthorities:0:CertificateFile", service.Output, StringComparison.Ordinal);
    }

    /// <summary>Waits until the authority has stamped a tree of at least that size.</summary>
    internal static async Task<LogTimeStamp> StampedAsync(ArchiveService service, long size)
    {
        LogTimeStamp? stamp = null;
        await Eventually.BecomesTrueAsync(async () =>
        {
            stamp = (await service.Client.GetCheckpointAsync(new GetCheckpointRequest())).TimeStamps.Single();
            return stamp.TreeSize >= size;
        }, TimeSpan.FromSeconds(90));
        return stamp!;
    }

    private static async Task HealthBecomesAsync(ArchiveService service, string state)
    {
        using var http = new HttpClient();
        await Eventually.BecomesTrueAsync(
            async () => (await (await http.GetAsync(new Uri($"{service.WebAddress}/health"), Ended)).Content.ReadAsStringAsync(Ended)).Contains($"\"timestamps\":\"{state}\"", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60));
    }
}
