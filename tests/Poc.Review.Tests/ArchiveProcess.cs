using System.Security.Cryptography;
using Grpc.Core;
using Grpc.Net.Client;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Review.Tests;

/// <summary>The archive as it is shipped: a process of its own with a database of its own.</summary>
internal sealed class ArchiveProcess : IAsyncDisposable
{
    private readonly ChildProcessOptions _options;
    private ChildProcess _process;

    private ArchiveProcess(ChildProcessOptions options, string address, TestDatabase database)
    {
        (_options, Address, Database) = (options, address, database);
        Client = new StatementArchiveService.StatementArchiveServiceClient(GrpcChannel.ForAddress(address));
        _process = ChildProcess.Start(options, Servers.Processes);
    }

    public string Address { get; }

    public TestDatabase Database { get; }

    public StatementArchiveService.StatementArchiveServiceClient Client { get; }

    public static async Task<ArchiveProcess> StartAsync(string bus, string staffKey, string reviewKey)
    {
        var database = await TestDatabase.CreateAsync("archivedb");
        var keys = await TestDatabase.CreateAsync("archivekeys");
        var address = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        var archive = new ArchiveProcess(
            new ChildProcessOptions("archive", "dotnet", [Path.Combine(AppContext.BaseDirectory, "Poc.StatementArchive.dll")])
            {
                WorkingFolder = Servers.Folder,
                LogFile = Path.Combine(Servers.Folder, "archive.log"),
                Environment = new Dictionary<string, string?>
                {
                    ["ASPNETCORE_ENVIRONMENT"] = "Development",
                    ["DOTNET_ENVIRONMENT"] = "Development",
                    ["ServiceIdentity__Name"] = "archive",
                    ["Kestrel__Endpoints__grpc__Url"] = address,
                    ["Kestrel__Endpoints__grpc__Protocols"] = "Http2",
                    ["Kestrel__Endpoints__web__Url"] = $"http://127.0.0.1:{LoopbackPorts.Take()}",
                    ["ConnectionStrings__archivedb"] = database.ConnectionString,
                    ["ConnectionStrings__archivekeys"] = keys.ConnectionString,
                    ["KeyStore__CurrentKey"] = "test",
                    ["KeyStore__Keys__test"] = Convert.ToBase64String(new byte[32]),
                    ["ConnectionStrings__bus"] = bus,
                    ["Staff__DevelopmentKey"] = staffKey,
                    ["ServiceIdentity__Trusted__review"] = reviewKey,
                    ["Log__PrivateKey"] = Convert.ToBase64String(new byte[32]),
                    ["Log__CheckpointIntervalMs"] = "50",
                },
            },
            address, database);
        await archive.AnswersAsync();
        return archive;
    }

    /// <summary>Ends it as a crash would.</summary>
    public Task KillAsync() => _process.KillAsync();

    public async Task StartAgainAsync()
    {
        _process = ChildProcess.Start(_options, Servers.Processes);
        await AnswersAsync();
    }

    /// <summary>Archives a statement with one description and, where words are given, gives a citation of them.</summary>
    public async Task<string> RecordAsync(string subject, string id, string text, ContentKind kind = ContentKind.Description) =>
        (await Client.RecordStatementAsync(
        new RecordStatementRequest
        {
            RequestId = Some.RequestId(),
            Parent = subject,
            StatementId = id,
            Statement = new Statement
            {
                Speaker = subject,
                ContentKind = kind,
                Text = text,
                Language = "en",
                Uttered = new UncertainDate { Earliest = "2007-09-01", Precision = DatePrecision.Month, Confidence = Confidence.Low },
                Synthetic = true,
            },
        },
        Staff.Archivist)).Statement.Name;

    /// <summary>Puts a dated search that found no retraction into a statement's ledger.</summary>
    public async Task<string> RecordSearchAsync(string statement) => (await Client.RecordRetractionEntryAsync(
        new RecordRetractionEntryRequest
        {
            RequestId = Some.RequestId(),
            Parent = statement,
            RetractionEntry = new RetractionEntry
            {
                Finding = RetractionFinding.NoneFound,
                Dated = new UncertainDate { Earliest = "2021-02-15", Precision = DatePrecision.Day, Confidence = Confidence.High },
                Description = "A dated search.",
                Searched = "Two archives, by three words.",
                Synthetic = true,
            },
        },
        Staff.Archivist)).RetractionEntry.Name;

    /// <summary>Changes rows as somebody would who owns the database: past its triggers.</summary>
    public Task<int> TamperAsync(string sql, params object?[] values) => Database.Database.InTransactionAsync(async tx =>
    {
        await tx.ExecuteAsync("SET LOCAL session_replication_role = replica");
        return await tx.ExecuteAsync(sql, values);
    }, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync(TimeSpan.FromSeconds(30));
        await Database.DisposeAsync();
    }

    private async Task AnswersAsync()
    {
        try
        {
            await Eventually.BecomesTrueAsync(
                async () => (await Client.GetCheckpointAsync(new GetCheckpointRequest(),
                    deadline: TimeProvider.System.GetUtcNow().AddSeconds(5).UtcDateTime)).Checkpoint.Length > 0,
                TimeSpan.FromSeconds(90));
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException(string.Join('\n', _process.LastLines(40)), late);
        }
    }
}

/// <summary>A P-256 key as configuration carries it.</summary>
internal sealed class KeyPair
{
    public KeyPair()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Private = Convert.ToBase64String(key.ExportPkcs8PrivateKey());
        Public = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
    }

    public string Private { get; }

    public string Public { get; }
}
