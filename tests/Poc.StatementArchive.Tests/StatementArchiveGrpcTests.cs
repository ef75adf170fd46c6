using System.Reflection;
using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;

namespace Poc.StatementArchive.Tests;

/// <summary>Who may call what: every method with every kind of caller.</summary>
public sealed class StatementArchiveGrpcTests(SharedArchive archive)
{
    private static readonly string[] _readers =
    [
        Roles.IntakeOfficer,
            Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator, Roles.ServiceReview, Roles.ServiceIntake,
    ];

    private static readonly string[] _anybody = [.. _readers, Roles.Recipient, Roles.Anonymous];

    private static readonly Dictionary<string,
        (Func<StatementArchiveService.StatementArchiveServiceClient, Metadata, Task> Call, string[] Allowed)> _matrix = new()
        {
            ["RecordStatement"] = (async (client, who) => await client.RecordStatementAsync(new RecordStatementRequest(), who), [Roles.Archivist]),
            ["AddTranslation"] = (async (client, who) => await client.AddTranslationAsync(new AddTranslationRequest(), who), [Roles.Archivist]),
            ["ReviewTranslation"] = (async (client, who) => await client.ReviewTranslationAsync(new ReviewTranslationRequest(), who), [Roles.Archivist]),
            ["LinkStatement"] = (async (client, who) => await client.LinkStatementAsync(new LinkStatementRequest(), who), [Roles.Archivist]),
            ["ListSimilarStatements"] = (
                async (client, who) => await client.ListSimilarStatementsAsync(new ListSimilarStatementsRequest(), who), [Roles.Archivist, Roles.Reviewer, Roles.PanelChair]),
            ["RecordRetractionEntry"] = (
            async (client, who) => await client.RecordRetractionEntryAsync(new RecordRetractionEntryRequest(), who), [Roles.Archivist]),
            ["GetStatement"] = (async (client, who) => await client.GetStatementAsync(new GetStatementRequest(), who), _readers),
            ["CheckStatements"] = (async (client, who) => await client.CheckStatementsAsync(new CheckStatementsRequest(), who), _readers),
            ["SearchStatements"] = (async (client, who) => await client.SearchStatementsAsync(new SearchStatementsRequest { PageSize = 1 }, who), _readers),
            ["ListRetractionEntries"] = (async (client, who) => await client.ListRetractionEntriesAsync(new ListRetractionEntriesRequest(), who), _readers),
            ["VerifyCitations"] = (async (client, who) => await client.VerifyCitationsAsync(new VerifyCitationsRequest(), who), _readers),
            ["GetCheckpoint"] = (async (client, who) => await client.GetCheckpointAsync(new GetCheckpointRequest(), who), _anybody),
            ["GetInclusionProof"] = (async (client, who) => await client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = -1 }, who), _anybody),
            ["GetConsistencyProof"] = (async (client, who) => await client.GetConsistencyProofAsync(new GetConsistencyProofRequest(), who), _anybody),
            ["RecordCapture"] = (
            async (client, who) =>
            {
                using var call = client.RecordCapture(who);
                await call.RequestStream.CompleteAsync();
                await call.ResponseAsync;
            }, [Roles.ServiceIntake, Roles.Archivist]),
            ["StartCaptureUpload"] = (async (client, who) => await client.StartCaptureUploadAsync(new StartCaptureUploadRequest(), who), [Roles.Archivist]),
            ["WriteCaptureUpload"] = (async (client, who) => await client.WriteCaptureUploadAsync(new WriteCaptureUploadRequest(), who), [Roles.Archivist]),
            ["FinishCaptureUpload"] = (async (client, who) => await client.FinishCaptureUploadAsync(new FinishCaptureUploadRequest(), who), [Roles.Archivist]),
            ["ReadCapture"] = (
            async (client, who) =>
            {
                using var call = client.ReadCapture(new ReadCaptureRequest(), who);
                await call.ResponseStream.MoveNext(CancellationToken.None);
            }, [Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Auditor]),
            ["ExportStatements"] = (
            async (client, who) =>
            {
                using var call = client.ExportStatements(new ExportStatementsRequest(), who);
                await call.ResponseStream.MoveNext(CancellationToken.None);
            }, [Roles.Archivist, Roles.Auditor]),
            ["RunAudit"] = (async (client, who) => await client.RunAuditAsync(new RunAuditRequest(), who), [Roles.Auditor, Roles.Administrator]),
            ["GetAudit"] = (async (client, who) => await client.GetAuditAsync(new GetAuditRequest(), who), [Roles.Auditor, Roles.Administrator]),
            ["AddAnnotation"] = (async (client, who) => await client.AddAnnotationAsync(new AddAnnotationRequest(), who), [Roles.Archivist, Roles.Reviewer, Roles.PanelChair]),
            ["PlaceLegalHold"] = (async (client, who) => await client.PlaceLegalHoldAsync(new PlaceLegalHoldRequest(), who), [Roles.Archivist]),
            ["LiftLegalHold"] = (async (client, who) => await client.LiftLegalHoldAsync(new LiftLegalHoldRequest(), who), [Roles.Archivist]),
            ["ListLegalHolds"] = (async (client, who) => await client.ListLegalHoldsAsync(new ListLegalHoldsRequest(), who), [Roles.Archivist, Roles.Auditor, Roles.Administrator]),
            ["ProposeErasure"] = (async (client, who) => await client.ProposeErasureAsync(new ProposeErasureRequest(), who), [Roles.Archivist]),
            ["ConfirmErasure"] = (async (client, who) => await client.ConfirmErasureAsync(new ConfirmErasureRequest(), who), [Roles.Archivist, Roles.Administrator]),
            ["ListErasures"] = (async (client, who) => await client.ListErasuresAsync(new ListErasuresRequest(), who), [Roles.Archivist, Roles.Auditor, Roles.Administrator]),
            ["ListCustody"] = (async (client, who) => await client.ListCustodyAsync(new ListCustodyRequest(), who), [Roles.Archivist, Roles.Auditor]),
            ["RecordTransfer"] = (async (client, who) => await client.RecordTransferAsync(new RecordTransferRequest(), who), [Roles.Archivist]),
            ["ListLogEntries"] = (async (client, who) => await client.ListLogEntriesAsync(new ListLogEntriesRequest(), who), [Roles.Auditor]),
        };

    public static TheoryData<string, string> Everybody()
    {
        var rows = new TheoryData<string, string>();
        foreach (var method in _matrix.Keys)
        {
            foreach (var role in _anybody)
            {
                rows.Add(method, role);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Everybody))]
    public async Task Opens_a_method_to_those_it_is_for_alone(string method, string role)
    {
        var who = role switch
        {
            Roles.Anonymous => [],
            Roles.ServiceReview => ArchiveService.Review,
            Roles.ServiceIntake => ArchiveService.Intake,
            _ => ArchiveService.Staff(role),
        };
        var code = StatusCode.OK;
        try
        {
            await _matrix[method].Call(archive.Client, who);
        }
        catch (RpcException refused)
        {
            code = refused.StatusCode;
        }

        // The requests are empty: whoever is let in is told so, or is answered.
        var isLetIn = code is StatusCode.OK or StatusCode.InvalidArgument;
        Assert.True(isLetIn || code == (role == Roles.Anonymous ? StatusCode.Unauthenticated : StatusCode.PermissionDenied), code.ToString());
        Assert.Equal(_matrix[method].Allowed.Contains(role), isLetIn);
    }

    [Fact]
    public void Every_method_is_in_the_matrix()
        => Assert.Equal(
            StatementArchiveService.Descriptor.Methods.Select(method => method.Name).Order(StringComparer.Ordinal), _matrix.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Every_method_says_whom_it_is_for()
        => Assert.All(
            StatementArchiveService.Descriptor.Methods,
            method => Assert.NotNull(typeof(StatementArchiveGrpc).GetMethod(method.Name)!.GetCustomAttribute<AllowAttribute>()));
}
