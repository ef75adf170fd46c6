using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.StatementArchive.Annotations;
using Poc.StatementArchive.Audits;
using Poc.StatementArchive.Captures;
using Poc.StatementArchive.Custody;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Exports;
using Poc.StatementArchive.Holds;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Retractions;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive;

/// <summary>The archive's methods; what each promises is said in the proto.</summary>
public sealed class StatementArchiveGrpc(
    RecordStatement recordStatement, GetStatement getStatement, CheckStatements checkStatements, SearchStatements searchStatements,
    AddTranslation addTranslation, ReviewTranslation reviewTranslation, LinkStatement linkStatement, ListSimilarStatements listSimilarStatements,
    VerifyCitations verifyCitations, RecordRetractionEntry recordRetractionEntry, ListRetractionEntries listRetractionEntries,
    GetCheckpoint getCheckpoint, GetInclusionProof getInclusionProof, GetConsistencyProof getConsistencyProof, ListLogEntries listLogEntries,
    RecordCapture recordCapture, StartCaptureUpload startCaptureUpload, WriteCaptureUpload writeCaptureUpload, FinishCaptureUpload finishCaptureUpload, ReadCapture readCapture, ExportStatements exportStatements, RunAudit runAudit, GetAudit getAudit,
    AddAnnotation addAnnotation, PlaceLegalHold placeLegalHold, LiftLegalHold liftLegalHold, ListLegalHolds listLegalHolds,
    ProposeErasure proposeErasure, ConfirmErasure confirmErasure, ListErasures listErasures, ListCustody listCustody, RecordTransfer recordTransfer)
    : StatementArchiveService.StatementArchiveServiceBase
{
    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<RecordStatementResponse> RecordStatement(RecordStatementRequest request, ServerCallContext context)
        => recordStatement.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(
        Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator,
        Roles.ServiceIntake, Roles.ServiceReview)]
    public override Task<GetStatementResponse> GetStatement(GetStatementRequest request, ServerCallContext context)
        => getStatement.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(
        Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator,
        Roles.ServiceIntake, Roles.ServiceReview)]
    public override Task<CheckStatementsResponse> CheckStatements(CheckStatementsRequest request, ServerCallContext context)
        => checkStatements.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(
        Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator,
        Roles.ServiceIntake, Roles.ServiceReview)]
    public override Task<SearchStatementsResponse> SearchStatements(SearchStatementsRequest request, ServerCallContext context)
        => searchStatements.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<AddTranslationResponse> AddTranslation(AddTranslationRequest request, ServerCallContext context)
        => addTranslation.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<ReviewTranslationResponse> ReviewTranslation(ReviewTranslationRequest request, ServerCallContext context)
        => reviewTranslation.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<LinkStatementResponse> LinkStatement(LinkStatementRequest request, ServerCallContext context)
        => linkStatement.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist, Roles.Reviewer, Roles.PanelChair)]
    public override Task<ListSimilarStatementsResponse> ListSimilarStatements(ListSimilarStatementsRequest request, ServerCallContext context)
        => listSimilarStatements.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<RecordRetractionEntryResponse> RecordRetractionEntry(RecordRetractionEntryRequest request, ServerCallContext context)
        => recordRetractionEntry.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(
        Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator,
        Roles.ServiceIntake, Roles.ServiceReview)]
    public override Task<ListRetractionEntriesResponse> ListRetractionEntries(ListRetractionEntriesRequest request, ServerCallContext context)
        => listRetractionEntries.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(
        Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator,
        Roles.ServiceIntake, Roles.ServiceReview)]
    public override Task<VerifyCitationsResponse> VerifyCitations(VerifyCitationsRequest request, ServerCallContext context)
        => verifyCitations.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Anonymous)]
    public override Task<GetCheckpointResponse> GetCheckpoint(GetCheckpointRequest request, ServerCallContext context)
        => getCheckpoint.HandleAsync(context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Anonymous)]
    public override Task<GetInclusionProofResponse> GetInclusionProof(GetInclusionProofRequest request, ServerCallContext context)
        => getInclusionProof.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Anonymous)]
    public override Task<GetConsistencyProofResponse> GetConsistencyProof(GetConsistencyProofRequest request, ServerCallContext context)
        => getConsistencyProof.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.ServiceIntake, Roles.Archivist)]
    public override Task<RecordCaptureResponse> RecordCapture(IAsyncStreamReader<RecordCaptureRequest> requestStream, ServerCallContext context)
        => recordCapture.HandleAsync(requestStream, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<StartCaptureUploadResponse> StartCaptureUpload(StartCaptureUploadRequest request, ServerCallContext context)
        => startCaptureUpload.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<WriteCaptureUploadResponse> WriteCaptureUpload(WriteCaptureUploadRequest request, ServerCallContext context)
        => writeCaptureUpload.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<FinishCaptureUploadResponse> FinishCaptureUpload(FinishCaptureUploadRequest request, ServerCallContext context)
        => finishCaptureUpload.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Auditor)]
    public override Task ReadCapture(ReadCaptureRequest request, IServerStreamWriter<ReadCaptureResponse> responseStream, ServerCallContext context)
        => readCapture.HandleAsync(request, responseStream, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist, Roles.Auditor)]
    public override Task ExportStatements(ExportStatementsRequest request, IServerStreamWriter<ExportStatementsResponse> responseStream, ServerCallContext context)
        => exportStatements.HandleAsync(request, responseStream, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Auditor)]
    public override Task<ListLogEntriesResponse> ListLogEntries(ListLogEntriesRequest request, ServerCallContext context)
        => listLogEntries.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Auditor, Roles.Administrator)]
    public override Task<RunAuditResponse> RunAudit(RunAuditRequest request, ServerCallContext context) => runAudit.HandleAsync(context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Auditor, Roles.Administrator)]
    public override Task<GetAuditResponse> GetAudit(GetAuditRequest request, ServerCallContext context) => getAudit.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist, Roles.Reviewer, Roles.PanelChair)]
    public override Task<AddAnnotationResponse> AddAnnotation(AddAnnotationRequest request, ServerCallContext context)
        => addAnnotation.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<PlaceLegalHoldResponse> PlaceLegalHold(PlaceLegalHoldRequest request, ServerCallContext context)
        => placeLegalHold.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<LiftLegalHoldResponse> LiftLegalHold(LiftLegalHoldRequest request, ServerCallContext context)
        => liftLegalHold.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist, Roles.Auditor, Roles.Administrator)]
    public override Task<ListLegalHoldsResponse> ListLegalHolds(ListLegalHoldsRequest request, ServerCallContext context)
        => listLegalHolds.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<ProposeErasureResponse> ProposeErasure(ProposeErasureRequest request, ServerCallContext context)
        => proposeErasure.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist, Roles.Administrator)]
    public override Task<ConfirmErasureResponse> ConfirmErasure(ConfirmErasureRequest request, ServerCallContext context)
        => confirmErasure.HandleAsync(request, context.Caller(), context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist, Roles.Auditor, Roles.Administrator)]
    public override Task<ListErasuresResponse> ListErasures(ListErasuresRequest request, ServerCallContext context)
        => listErasures.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist, Roles.Auditor)]
    public override Task<ListCustodyResponse> ListCustody(ListCustodyRequest request, ServerCallContext context)
        => listCustody.HandleAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    [Allow(Roles.Archivist)]
    public override Task<RecordTransferResponse> RecordTransfer(RecordTransferRequest request, ServerCallContext context)
        => recordTransfer.HandleAsync(request, context.Caller(), context.CancellationToken);
}
