using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Testing;
using State = Poc.Contracts.Intake.V1.Operation.Types.State;

namespace Poc.Intake.Tests.Operations;

public sealed class ExportTests(IntakeStack stack)
{
    private static readonly (string, string) Quick = ("Intake:ExportInterval", "00:00:00.050");

    // Does not look while the test lasts.
    private static readonly (string, string) Idle = ("Intake:ExportInterval", "00:05:00");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_export_has_each_of_the_partners_requests_as_a_line_and_can_be_resumed_at_any()
    {
        await using var intake = await stack.ReplicaAsync(Quick);
        var (partner, other) = (await intake.NewPartnerAsync(), await intake.NewPartnerAsync());
        await other.SubmitAsync(Filings.Delist("Another partner's. (synthetic)"));
        var filed = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            var filing = Filings.Delist($"Letter {i} with \"quotes\", a\nline feed, and кириллица. (synthetic)");
            filing.Request.Language = i == 3 ? "en" : "ru";
            filed.Add((await partner.SubmitAsync(filing)).Request.Name);
        }

        var started = await StartAsync(partner);
        var done = await DoneAsync(partner, started.Name);

        Assert.Equal((State.Succeeded, 7, 7), (done.State, done.DoneCount, done.TotalCount));
        var lines = await ReadAsync(partner, started.Name);
        Assert.Equal(filed, lines.Select(static line => line.Name));
        foreach (var line in lines)
        {
            Assert.Equal((await partner.GetAsync(line.Name)).Text, line.Text);
        }

        for (var after = 0; after <= 7; after++)
        {
            Assert.Equal(filed.Skip(after), (await ReadAsync(partner, started.Name, after)).Select(static line => line.Name));
        }

        var filtered = await StartAsync(partner, "language = \"en\"");
        Assert.Equal(1, (await DoneAsync(partner, filtered.Name)).DoneCount);
        Assert.Equal([filed[3]], (await ReadAsync(partner, filtered.Name)).Select(static line => line.Name));
        var page = await intake.Operations.ListOperationsAsync(new() { PageSize = 1 }, partner.Headers, cancellationToken: Ended);
        Assert.Equal(filtered.Name, Assert.Single(page.Operations).Name);
        page = await intake.Operations.ListOperationsAsync(new() { PageSize = 1, PageToken = page.NextPageToken }, partner.Headers, cancellationToken: Ended);
        Assert.Equal((started.Name, ""), (Assert.Single(page.Operations).Name, page.NextPageToken));

        // To another partner none of it is there.
        await intake.Operations.GetOperationAsync(new() { Name = started.Name }, other.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "OPERATION_NOT_FOUND");
        await intake.Operations.CancelOperationAsync(new() { Name = started.Name }, other.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "OPERATION_NOT_FOUND");
        await intake.Operations.ListOperationsAsync(new() { Parent = partner.Name }, other.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "PARENT_FORBIDDEN");
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(() => ReadAsync(other, started.Name))).StatusCode);
        await intake.Operations.CancelOperationAsync(new() { Name = started.Name }, partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.FailedPrecondition, "OPERATION_DONE");
        await intake.Operations.ExportRequestsAsync(new() { RequestId = Filings.NewId(), Filter = "language =" }, partner.Headers, cancellationToken: Ended)
            .RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        await intake.Database.ExecuteAsync("UPDATE exports SET expires_at = now() - interval '1 second' WHERE id::text = $1", started.Name.Split('/')[^1]);
        await intake.Operations.GetOperationAsync(new() { Name = started.Name }, partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "OPERATION_NOT_FOUND");
        await Eventually.BecomesTrueAsync(async () => await intake.Database.ScalarAsync<long>("SELECT count(*) FROM export_chunks WHERE export::text = $1", started.Name.Split('/')[^1]) == 0);
    }

    [Fact]
    public async Task One_export_of_a_partner_runs_at_a_time_and_can_be_waited_for_and_cancelled()
    {
        var surroundings = await IntakeStack.OwnAsync(await Servers.NewBusAsync(), (await Servers.RedisAsync()).ConnectionString);
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        await using var intake = await IntakeServer.StartAsync(surroundings, Idle);
        var partner = await intake.NewPartnerAsync();
        await partner.SubmitAsync(Filings.Delist());
        var message = new ExportRequestsRequest { RequestId = Filings.NewId() };
        var first = (await intake.Operations.ExportRequestsAsync(message, partner.Headers, cancellationToken: Ended)).Operation;

        Assert.Equal(first, (await intake.Operations.ExportRequestsAsync(message, partner.Headers, cancellationToken: Ended)).Operation);
        await intake.Operations.ExportRequestsAsync(new() { RequestId = Filings.NewId() }, partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.FailedPrecondition, "EXPORT_RUNNING");
        var waited = await intake.Operations.WaitOperationAsync(new() { Name = first.Name, Timeout = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(50)) }, partner.Headers, cancellationToken: Ended);
        Assert.Equal((State.Running, 0, 1), (waited.Operation.State, waited.Operation.DoneCount, waited.Operation.TotalCount));
        await intake.Operations.WaitOperationAsync(new() { Name = first.Name, Timeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(2)) }, partner.Headers, cancellationToken: Ended)
            .RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        Assert.Equal(StatusCode.FailedPrecondition, (await Assert.ThrowsAsync<RpcException>(() => ReadAsync(partner, first.Name))).StatusCode);

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(State.Cancelled, (await intake.Operations.CancelOperationAsync(new() { Name = first.Name }, partner.Headers, cancellationToken: Ended)).Operation.State);
        }

        var second = await StartAsync(partner);
        await using var replica = await IntakeServer.StartAsync(surroundings, Quick);
        Assert.Equal(State.Succeeded, (await DoneAsync(partner with { Server = replica }, second.Name)).State);
        Assert.Equal(State.Cancelled, (await intake.Operations.GetOperationAsync(new() { Name = first.Name }, partner.Headers, cancellationToken: Ended)).Operation.State);
    }

    [Fact]
    public async Task Kill_9_of_the_process_that_writes_an_export_neither_loses_nor_repeats_a_line()
    {
        const int Requests = 12_000;
        var surroundings = await IntakeStack.OwnAsync(await Servers.NewBusAsync(), (await Servers.RedisAsync()).ConnectionString);
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        await using var intake = await IntakeServer.StartAsync(surroundings, Idle);
        var partner = await intake.NewPartnerAsync();
        await StoredRequests.AddAsync(database, partner.Name, Requests);
        var export = (await StartAsync(partner)).Name;
        var killed = 0;
        await using (var writer = IntakeProcess.Start(surroundings, Quick))
        {
            for (var done = 0L; done < Requests;)
            {
                var before = done;
                Operation? now = null;
                await Eventually.BecomesTrueAsync(
                    async () => (now = (await intake.Operations.GetOperationAsync(new() { Name = export }, partner.Headers, cancellationToken: Ended)).Operation).DoneCount > before + 2_000
                        || now.State == State.Succeeded,
                    TimeSpan.FromSeconds(90));
                if ((done = now!.DoneCount) < Requests)
                {
                    await writer.KillAsync();
                    writer.StartAgain();
                    killed++;
                }
            }

            Assert.Equal(Requests, (await DoneAsync(partner, export)).DoneCount);
        }

        Assert.True(killed > 0, "it was never killed in the middle");
        var lines = await ReadAsync(partner, export);
        Assert.Equal(Requests, lines.Select(static line => line.Name).Distinct().Count());
        Assert.Equal(lines.OrderBy(static line => line.ReceivedAt.ToDateTimeOffset()).Select(static line => line.ReceivedAt), lines.Select(static line => line.ReceivedAt));
    }

    private static async Task<Operation> StartAsync(TestPartner partner, string filter = "") =>
        (await partner.Server.Operations.ExportRequestsAsync(new() { RequestId = Filings.NewId(), Filter = filter }, partner.Headers, cancellationToken: Ended)).Operation;

    private static async Task<Operation> DoneAsync(TestPartner partner, string name)
    {
        var operation = new Operation();
        await Eventually.BecomesTrueAsync(
            async () => (operation = (await partner.Server.Operations.WaitOperationAsync(new() { Name = name }, partner.Headers, cancellationToken: Ended)).Operation).State != State.Running,
            TimeSpan.FromSeconds(60));
        return operation;
    }

    private static async Task<List<Request>> ReadAsync(TestPartner partner, string name, long after = 0)
    {
        var (bytes, last) = (new MemoryStream(), after);
        using var call = partner.Server.Operations.ReadExport(new() { Name = name, AfterLine = after }, partner.Headers, cancellationToken: Ended);
        await foreach (var message in call.ResponseStream.ReadAllAsync(Ended))
        {
            Assert.InRange(message.Data.Length, 1, 2 << 20);
            message.Data.WriteTo(bytes);
            last = message.LastLine;
        }

        if (after == 0)
        {
            var operation = (await partner.Server.Operations.GetOperationAsync(new() { Name = name }, partner.Headers, cancellationToken: Ended)).Operation;
            Assert.Equal((bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()))), (operation.SizeBytes, operation.Sha256));
        }

        var lines = Encoding.UTF8.GetString(bytes.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(JsonParser.Default.Parse<Request>).ToList();
        Assert.Equal(last - after, lines.Count);
        return lines;
    }
}
