using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Tests.Attachments;
using Poc.Testing;

namespace Poc.Intake.Tests.Partners;

/// <summary>That the calls of partners, and theirs alone, go through the database's policies: where those let nobody pass, a partner finds nothing of its own.</summary>
public sealed class PartnerRowsTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_partners_calls_see_what_the_policies_let_through_and_staffs_see_all()
    {
        var surroundings = await IntakeStack.OwnAsync(await Servers.NewBusAsync(), (await Servers.RedisAsync()).ConnectionString);
        await using var database = surroundings.Database;
        await using var archive = surroundings.Archive;
        await using var intake = await IntakeServer.StartAsync(surroundings, ("Intake:ExportInterval", "00:00:00.050"));
        var partner = await intake.NewPartnerAsync();
        var filed = (await partner.SubmitAsync(Filings.Delist())).Request;
        var file = await partner.StartAsync(Upload.Pdf(1_000));
        using var importing = intake.Bulk.ImportRequests(partner.Headers, cancellationToken: Ended);
        await importing.RequestStream.WriteAsync(new ImportRequestsRequest { ImportId = Filings.NewId(), Index = 0, Item = Filings.Delist() }, Ended);
        await importing.RequestStream.CompleteAsync();
        var import = (await importing).Import;
        var operation = (await intake.Operations.ExportRequestsAsync(new() { RequestId = Filings.NewId() }, partner.Headers, cancellationToken: Ended)).Operation;
        await Eventually.BecomesTrueAsync(async () => (await intake.Operations.GetOperationAsync(new() { Name = operation.Name }, partner.Headers, cancellationToken: Ended)).Operation.State == Operation.Types.State.Succeeded);
        var found = await FoundAsync(partner.Headers);
        Assert.All(found, static one => Assert.True(one.Value, one.Key));

        // Nobody's rows pass any more. Not a word of the service's SQL has changed.
        await database.ExecuteAsync(
            "DO $$ DECLARE p record; BEGIN FOR p IN SELECT polname, polrelid::regclass AS t FROM pg_policy WHERE polcmd IN ('*', 'r') LOOP EXECUTE format('ALTER POLICY %I ON %s USING (false)', p.polname, p.t); END LOOP; END $$");

        Assert.All(await FoundAsync(partner.Headers), static one => Assert.False(one.Value, one.Key));
        var staff = await FoundAsync(IntakeServer.Staff(Roles.IntakeOfficer));
        Assert.All(staff.Where(static one => one.Key != "GetOperation" && one.Key != "ReadExport" && one.Key != "ListOperations"), static one => Assert.True(one.Value, one.Key));

        async Task<Dictionary<string, bool>> FoundAsync(Metadata headers) => new()
        {
            ["GetRequest"] = await IsFoundAsync(async () => (await intake.Client.GetRequestAsync(new() { Name = filed.Name }, headers, cancellationToken: Ended)).Request is not null),
            ["ListRequests"] = await IsFoundAsync(async () => (await intake.Client.ListRequestsAsync(new() { Parent = partner.Name }, headers, cancellationToken: Ended)).TotalSize > 0),
            ["GetReceipt"] = await IsFoundAsync(async () => (await intake.Client.GetReceiptAsync(new() { Name = $"{filed.Name}/receipt" }, headers, cancellationToken: Ended)).Receipt is not null),
            ["WatchRequest"] = await IsFoundAsync(async () =>
            {
                using var watch = intake.Client.WatchRequest(new() { Name = filed.Name }, headers, cancellationToken: Ended);
                return await watch.ResponseStream.MoveNext(Ended);
            }),
            ["GetAttachment"] = await IsFoundAsync(async () => (await intake.Attachments.GetAttachmentAsync(new() { Name = file.Name }, headers, cancellationToken: Ended)).Attachment is not null),
            ["GetImport"] = await IsFoundAsync(async () => (await intake.Bulk.GetImportAsync(new() { Name = import.Name }, headers, cancellationToken: Ended)).Import is not null),
            ["ListImportItems"] = await IsFoundAsync(async () => (await intake.Bulk.ListImportItemsAsync(new() { Parent = import.Name }, headers, cancellationToken: Ended)).Items.Count > 0),
            ["GetOperation"] = await IsFoundAsync(async () => (await intake.Operations.GetOperationAsync(new() { Name = operation.Name }, headers, cancellationToken: Ended)).Operation is not null),
            ["ListOperations"] = await IsFoundAsync(async () => (await intake.Operations.ListOperationsAsync(new() { Parent = partner.Name }, headers, cancellationToken: Ended)).Operations.Count > 0),
            ["ReadExport"] = await IsFoundAsync(async () =>
            {
                using var reading = intake.Operations.ReadExport(new() { Name = operation.Name }, headers, cancellationToken: Ended);
                return await reading.ResponseStream.MoveNext(Ended);
            }),
        };
    }

    private static async Task<bool> IsFoundAsync(Func<Task<bool>> call)
    {
        try
        {
            return await call();
        }
        catch (RpcException refusal) when (refusal.StatusCode is StatusCode.NotFound or StatusCode.PermissionDenied)
        {
            return false;
        }
    }
}
