extern alias partner;

using System.Security.Cryptography;
using System.Text;
using partner::Poc.Contracts.Intake.V1;
using partner::Poc.Intake.Client;
using Poc.Intake.Tests.Operations;
using Poc.LocalHost.Processes;
using Poc.Testing;
using State = partner::Poc.Contracts.Intake.V1.Operation.Types.State;

namespace Poc.Intake.Tests.PartnerClient;

/// <summary>Exports with the package that partners use, against a real Intake.</summary>
public sealed class ExportDownloadTests(IntakeStack stack)
{
    // Far more than the windows of a connection hold, so that a reader that stops stops the writer.
    private const int Requests = 12_000;

    private static readonly (string, string) Quick = ("Intake:ExportInterval", "00:00:00.050");

    // Does not look for exports while the test lasts; alone with its database, nobody does.
    private static readonly (string, string) Idle = ("Intake:ExportInterval", "00:05:00");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_export_comes_whole_although_the_service_goes_away_in_the_middle()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();
        await StoredRequests.AddAsync(intake.Database, partner.Name, Requests);
        var address = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        using var client = NewClient(address, partner.ApiKey);
        var (id, content, told) = (NewId(), new Pausing(), new Told<long>());

        var first = await stack.ReplicaAsync(Quick, ("Kestrel:Endpoints:grpc:Url", address));
        var started = await client.StartExportAsync(id, cancellation: Ended);
        Assert.Equal(started.Name, (await client.StartExportAsync(id, cancellation: Ended)).Name);
        var done = await client.WaitOperationAsync(started.Name, cancellation: Ended);
        var reading = client.ReadExportAsync(started.Name, content, told, Ended);
        await content.Reached;
        await first.DisposeAsync(); // in the middle of the lines
        await using var second = await stack.ReplicaAsync(Quick, ("Kestrel:Endpoints:grpc:Url", address));
        content.GoOn();
        var read = await reading;

        Assert.Equal((State.Succeeded, Requests), (done.State, done.DoneCount));
        Assert.Equal(done, read);
        Assert.Equal((content.Length, Convert.ToHexStringLower(SHA256.HashData(content.ToArray()))), (read.SizeBytes, read.Sha256));
        Assert.Equal(Requests, LinesOf(content).Select(static line => line.Name).Distinct().Count());
        Assert.Equal(Requests, told.Values[^1]);
        Assert.Equal(told.Values.Distinct().Order(), told.Values);
        var listed = new List<Operation>();
        await foreach (var operation in client.ListOperationsAsync(Ended))
        {
            listed.Add(operation);
        }

        Assert.Equal([done], listed);
    }

    [Fact]
    public async Task An_export_is_waited_for_while_the_service_comes_and_goes()
    {
        var surroundings = await IntakeStack.OwnAsync(await Servers.NewBusAsync(), (await Servers.RedisAsync()).ConnectionString);
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        var address = $"http://127.0.0.1:{LoopbackPorts.Take()}";
        var first = await IntakeServer.StartAsync(surroundings, Idle, ("Kestrel:Endpoints:grpc:Url", address));
        var partner = await first.NewPartnerAsync();
        await StoredRequests.AddAsync(database, partner.Name, 250);
        using var client = NewClient(address, partner.ApiKey);
        var (started, told) = (await client.StartExportAsync(NewId(), cancellation: Ended), new Told<Operation>());

        var waiting = client.WaitOperationAsync(started.Name, told, Ended);
        await first.DisposeAsync();
        await using var second = await IntakeServer.StartAsync(surroundings, Quick, ("Kestrel:Endpoints:grpc:Url", address));
        var done = await waiting;

        Assert.Equal((State.Succeeded, 250), (done.State, done.DoneCount));
        Assert.Equal(done, told.Values[^1]);
    }

    [Fact]
    public async Task A_download_that_a_crash_broke_off_goes_on_and_anything_else_is_noticed()
    {
        await using var intake = await stack.ReplicaAsync(Quick);
        var partner = await intake.NewPartnerAsync();
        await StoredRequests.AddAsync(intake.Database, partner.Name, 500);
        using var client = NewClient(intake.Address, partner.ApiKey);
        var export = (await client.WaitOperationAsync((await client.StartExportAsync(NewId(), cancellation: Ended)).Name, cancellation: Ended)).Name;
        using var whole = new MemoryStream();
        await client.ReadExportAsync(export, whole, cancellation: Ended);
        var bytes = whole.ToArray();

        // Broken off within a line, after one, before the first ended, at the very end.
        foreach (var length in (int[])[bytes.Length / 2, Array.IndexOf(bytes, (byte)'\n') + 1, 10, bytes.Length])
        {
            using var part = new MemoryStream();
            part.Write(bytes.AsSpan(0, length));
            await client.ReadExportAsync(export, part, cancellation: Ended);
            Assert.Equal(bytes, part.ToArray());
        }

        // A stream that can only be written to.
        using var packed = new MemoryStream();
        await using (var packing = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionMode.Compress, leaveOpen: true))
        {
            await client.ReadExportAsync(export, packing, cancellation: Ended);
        }

        packed.Position = 0;
        using var unpacked = new MemoryStream();
        await new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionMode.Decompress).CopyToAsync(unpacked, Ended);
        Assert.Equal(bytes, unpacked.ToArray());

        foreach (var other in (byte[][])[[.. bytes, .. "{}\n"u8], [.. "{}\n"u8], [.. bytes.AsSpan(0, 20), (byte)'!', .. bytes.AsSpan(21)]])
        {
            using var held = new MemoryStream();
            held.Write(other);
            await Assert.ThrowsAsync<InvalidDataException>(() => client.ReadExportAsync(export, held, cancellation: Ended));
        }
    }

    [Fact]
    public async Task A_cancelled_export_and_one_too_many_are_refused_with_the_reason()
    {
        var surroundings = await IntakeStack.OwnAsync(await Servers.NewBusAsync(), (await Servers.RedisAsync()).ConnectionString);
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        await using var intake = await IntakeServer.StartAsync(surroundings, Idle);
        var partner = await intake.NewPartnerAsync();
        using var client = NewClient(intake.Address, partner.ApiKey);
        var running = await client.StartExportAsync(NewId(), cancellation: Ended);

        var second = await Assert.ThrowsAsync<IntakeException>(() => client.StartExportAsync(NewId(), cancellation: Ended));
        var early = await Assert.ThrowsAsync<IntakeException>(() => client.ReadExportAsync(running.Name, new MemoryStream(), cancellation: Ended));
        var cancelled = await client.CancelOperationAsync(running.Name, Ended);
        var waited = await client.WaitOperationAsync(running.Name, cancellation: Ended);
        var nobodys = await Assert.ThrowsAsync<IntakeException>(() => client.GetOperationAsync($"{partner.Name}/operations/{NewId()}", Ended));

        Assert.Equal(("EXPORT_RUNNING", "OPERATION_NOT_DONE", "OPERATION_NOT_FOUND"), (second.Reason, early.Reason, nobodys.Reason));
        Assert.Contains(running.Name, second.Metadata.Values);
        Assert.Equal((State.Cancelled, cancelled), (cancelled.State, waited));
    }

    // Stops after some lines until it may go on.
    private sealed class Pausing : MemoryStream
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public void GoOn() => _goOn.TrySetResult();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await base.WriteAsync(buffer, cancellationToken);
            _reached.TrySetResult();
            await _goOn.Task.WaitAsync(cancellationToken);
        }
    }

    private sealed class Told<T> : IProgress<T>
    {
        public List<T> Values { get; } = [];

        public void Report(T value) => Values.Add(value);
    }

    private static Guid NewId() => Guid.Parse(Filings.NewId());

    private static List<Request> LinesOf(MemoryStream content) =>
        [.. Encoding.UTF8.GetString(content.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Google.Protobuf.JsonParser.Default.Parse<Request>)];

    private static IntakeClient NewClient(string address, string apiKey) =>
        new(new IntakeClientOptions { Address = new Uri(address), ApiKey = apiKey, Patience = TimeSpan.FromMinutes(2) });
}
