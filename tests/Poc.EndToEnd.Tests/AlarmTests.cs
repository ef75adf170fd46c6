using System.Globalization;
using System.Net.Http.Json;
using Grpc.Core;
using Grpc.Net.Client;
using Npgsql;
using Poc.Contracts.Notification.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Grpc;
using Poc.Testing;

namespace Poc.EndToEnd.Tests;

/// <summary>Somebody edits the archive's database; the audit finds it, and those who must know have a mail. Nothing between the two is a stand-in.</summary>
public sealed class AlarmTests
{
    private const string Auditor = "alarm-auditor@story.example";
    private const string Reviewer = "alarm-reviewer@story.example";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_row_that_was_changed_past_the_archive_reaches_auditors_by_mail()
    {
        await using var stack = LaunchedStack.Launch(LaunchedStack.NewState(), playStory: false);
        await stack.ReadyAsync();
        var key = (await File.ReadAllTextAsync(Path.Combine(stack.State, "keys", "staff.key"), Ended)).Trim();
        using var archiveChannel = GrpcChannel.ForAddress(await stack.AddressAsync("archive", "grpc"));
        using var notificationChannel = GrpcChannel.ForAddress(await stack.AddressAsync("notification", "grpc"));
        var archive = new StatementArchiveService.StatementArchiveServiceClient(archiveChannel);
        var notification = new NotificationService.NotificationServiceClient(notificationChannel);
        using var mail = new HttpClient { BaseAddress = await stack.AddressAsync("mail", "http") };
        await RegisterAsync(Auditor, Roles.Auditor);
        await RegisterAsync(Reviewer, Roles.Reviewer);
        var statement = (await archive.RecordStatementAsync(
            new()
            {
                RequestId = Guid.CreateVersion7().ToString(),
                Parent = "subjects/alarm",
                StatementId = "edited",
                Statement = new() { Speaker = "speaker", ContentKind = ContentKind.Description, Text = "A neutral description.", Language = "en", Uttered = new() { Precision = DatePrecision.Unknown }, Synthetic = true },
            },
            Staff(Roles.Archivist), cancellationToken: Ended)).Statement;
        await archive.GetInclusionProofAsync(new() { LogIndex = statement.LogIndex }, cancellationToken: Ended);

        // What is as it was logged raises nothing.
        var clean = await AuditAsync();
        Assert.Equal(0, clean.FindingCount);
        Assert.Empty(await MailsToAsync(Auditor));

        await TamperAsync(stack, statement.Name);
        var audit = await AuditAsync();

        Assert.Equal("statements", Assert.Single(audit.Findings).Subject.Split('/')[0]);
        await Eventually.BecomesTrueAsync(async () => (await MailsToAsync(Auditor)).Count > 0, Patience);
        var received = await mail.GetStringAsync($"messages/{Assert.Single(await MailsToAsync(Auditor)).Id}", Ended);

        // That something waits, and not what: mail is read by others.
        Assert.DoesNotContain(statement.Name, received, StringComparison.Ordinal);
        Assert.DoesNotContain("neutral description", received, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(await MailsToAsync(Reviewer));

        async Task RegisterAsync(string address, string role) => await notification.CreateRecipientAsync(
            new()
            {
                RequestId = Guid.CreateVersion7().ToString(),
                RecipientId = address.Split('@')[0],
                Recipient = new()
                {
                    DisplayName = address,
                    Audience = Audience.Staff,
                    Email = address,
                    Language = "en",
                    Staff = $"staff/{address.Split('@')[0]}",
                    Synthetic = true,
                    Roles = { role },
                },
            },
            Staff(Roles.Administrator), cancellationToken: Ended);

        async Task<Audit> AuditAsync()
        {
            var name = (await archive.RunAuditAsync(new RunAuditRequest(), Staff(Roles.Auditor), cancellationToken: Ended)).Audit.Name;
            Audit? audit = null;
            await Eventually.BecomesTrueAsync(
                async () => (audit = (await archive.GetAuditAsync(new GetAuditRequest { Name = name }, Staff(Roles.Auditor), cancellationToken: Ended)).Audit).FinishedAt is not null, Patience);
            return audit!;
        }

        async Task<IReadOnlyList<Mail>> MailsToAsync(string address)
            => await mail.GetFromJsonAsync<List<Mail>>($"messages?to={Uri.EscapeDataString(address)}", Ended) ?? [];

        Metadata Staff(string role) => new() { { "authorization", $"Bearer {DevelopmentTokens.Mint(key, "alarm", [role], TimeSpan.FromMinutes(10), TimeProvider.System)}" } };
    }

    // As whoever owns the database, past its triggers, with the connection that the launcher gave the service.
    private static async Task TamperAsync(LaunchedStack stack, string statement)
    {
        var process = (await stack.ResourceAsync("archive")).Processes[0];
        var environment = await File.ReadAllTextAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/environ"), Ended);
        const string Setting = "ConnectionStrings__archivedb=";
        await using var source = NpgsqlDataSource.Create(environment.Split('\0').Single(static line => line.StartsWith(Setting, StringComparison.Ordinal))[Setting.Length..]);
        await using var connection = await source.OpenConnectionAsync(Ended);
        await using var transaction = await connection.BeginTransactionAsync(Ended);
        await using var past = new NpgsqlCommand("SET LOCAL session_replication_role = replica", connection, transaction);
        await past.ExecuteNonQueryAsync(Ended);
        await using var change = new NpgsqlCommand("UPDATE statements SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) WHERE name = $1", connection, transaction)
        {
            Parameters = { new() { Value = statement } },
        };
        Assert.Equal(1, await change.ExecuteNonQueryAsync(Ended));
        await transaction.CommitAsync(Ended);
    }

    private sealed record Mail(Guid Id);
}
