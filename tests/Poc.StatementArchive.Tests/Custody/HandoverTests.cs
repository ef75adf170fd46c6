using System.Text.Json;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.StatementArchive.Tests.Exports;

namespace Poc.StatementArchive.Tests.Custody;

/// <summary>To whom copies went, on record for as long as the log is.</summary>
public sealed class HandoverTests(SharedArchive archive)
{
    [Fact]
    public async Task Who_got_a_copy_and_what_for_is_in_the_chain_of_custody_also_after_the_erasure()
    {
        var statement = (await archive.Client.RecordAsync(Some.Subject("handed"))).Name;
        var request = new RecordTransferRequest { RequestId = Some.RequestId(), Parent = statement, Recipient = "Special rapporteur (synthetic)", Purpose = "A hearing, on paper." };
        var transferred = (await archive.Client.RecordTransferAsync(request, ArchiveService.Archivist)).Event;
        Assert.Equal(transferred, (await archive.Client.RecordTransferAsync(request, ArchiveService.Archivist)).Event);
        using (var bag = await ExportedBag.OfAsync(archive.Service, statement))
        {
            var verdict = await bag.VerifyAsync();
            using var report = JsonDocument.Parse(verdict.Output);
            Assert.Contains($"exported for {ExportedBag.Recipient}: {ExportedBag.Purpose}", report.RootElement.GetProperty("checked").EnumerateArray().Select(static what => what.GetString()));
        }

        (string, HandoverKind, string, string)[] expected =
        [
            ("statement", HandoverKind.Unspecified, "", ""),
            ("custody", HandoverKind.Transferred, "Special rapporteur (synthetic)", "A hearing, on paper."),
            ("custody", HandoverKind.Exported, ExportedBag.Recipient, ExportedBag.Purpose),
        ];
        var custody = await CustodyAsync(statement);
        Assert.Equal(expected, custody.Select(static one => (one.Kind, one.Handover, one.Recipient, one.Purpose)));
        Assert.Equal(transferred, custody[1]);

        var proposal = (await archive.Client.ProposeErasureAsync(
            new ProposeErasureRequest { RequestId = Some.RequestId(), Object = statement, Reason = ErasureReason.LegalOrder, Authority = "Court X" }, ArchiveService.Archivist)).Erasure;
        await archive.Client.ConfirmErasureAsync(new ConfirmErasureRequest { Name = proposal.Name }, ArchiveService.Administrator);
        Assert.Equal(custody, (await CustodyAsync(statement)).Take(custody.Count));
        request.RequestId = Some.RequestId();
        Assert.Equal((StatusCode.FailedPrecondition, "OBJECT_ERASED"), await ReasonAsync(archive.Client.RecordTransferAsync(request, ArchiveService.Archivist)));
    }

    [Fact]
    public async Task Nothing_leaves_without_a_recipient_and_a_purpose()
    {
        var statement = (await archive.Client.RecordAsync(Some.Subject("handed"))).Name;
        var (code, _, fields) = await Some.RefusalAsync(archive.Client.RecordTransferAsync(new RecordTransferRequest { RequestId = Some.RequestId(), Parent = statement, Purpose = " " }, ArchiveService.Archivist));
        Assert.Equal((StatusCode.InvalidArgument, "purpose recipient"), (code, string.Join(' ', fields.Order(StringComparer.Ordinal))));
        using var export = archive.Client.ExportStatements(new ExportStatementsRequest { Names = { statement } }, ArchiveService.Archivist);
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => export.ResponseStream.MoveNext(CancellationToken.None))).StatusCode);
        Assert.Equal(["statement"], (await CustodyAsync(statement)).Select(static one => one.Kind));
        Assert.Equal((StatusCode.NotFound, "STATEMENT_NOT_FOUND"), await ReasonAsync(archive.Client.RecordTransferAsync(
            new RecordTransferRequest { RequestId = Some.RequestId(), Parent = statement + "x", Recipient = "A court", Purpose = "A case." }, ArchiveService.Archivist)));
    }

    private async Task<IReadOnlyList<CustodyEvent>> CustodyAsync(string name) => (await archive.Client.ListCustodyAsync(new ListCustodyRequest { Parent = name }, ArchiveService.Auditor)).Events;

    private static async Task<(StatusCode, string)> ReasonAsync<T>(AsyncUnaryCall<T> call)
    {
        var (code, reason, _) = await Some.RefusalAsync(call);
        return (code, reason);
    }
}
