using Grpc.Core;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Review.Ballots;
using Poc.Review.Decisions;
using Poc.Review.Designations;
using Poc.Review.Dossiers;
using Poc.Review.Panels;
using Poc.Review.Precedents;
using Poc.Review.Protocols;
using Poc.Review.Subjects;

namespace Poc.Review;

/// <summary>What staff call; each method is a slice of the same name, and the roles are those its comment in the proto names.</summary>
internal sealed class ReviewGrpc(IServiceProvider slices) : ReviewService.ReviewServiceBase
{
    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<ListProtocolsResponse> ListProtocols(ListProtocolsRequest request, ServerCallContext context) => Slice<ListProtocols>().HandleAsync();

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<GetProtocolResponse> GetProtocol(GetProtocolRequest request, ServerCallContext context) => Slice<GetProtocol>().HandleAsync(request);

    [Allow(Roles.IntakeOfficer)]
    public override Task<CreateSubjectResponse> CreateSubject(CreateSubjectRequest request, ServerCallContext context) =>
        Slice<CreateSubject>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<GetSubjectResponse> GetSubject(GetSubjectRequest request, ServerCallContext context) =>
        Slice<GetSubject>().HandleAsync(request, context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Approver)]
    public override Task<ProposeIdentityChangeResponse> ProposeIdentityChange(ProposeIdentityChangeRequest request, ServerCallContext context) =>
        Slice<ProposeIdentityChange>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Approver)]
    public override Task<ConfirmIdentityChangeResponse> ConfirmIdentityChange(ConfirmIdentityChangeRequest request, ServerCallContext context) =>
        Slice<ConfirmIdentityChange>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<ListIdentityChangesResponse> ListIdentityChanges(ListIdentityChangesRequest request, ServerCallContext context) =>
        Slice<ListIdentityChanges>().HandleAsync(request, context.CancellationToken);

    [Allow(Roles.IntakeOfficer)]
    public override Task<OpenEpisodeResponse> OpenEpisode(OpenEpisodeRequest request, ServerCallContext context) =>
        Slice<OpenEpisode>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Approver)]
    public override Task<RecordPastDesignationResponse> RecordPastDesignation(RecordPastDesignationRequest request, ServerCallContext context) =>
        Slice<RecordPastDesignation>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Approver)]
    public override Task<DesignateProvisionallyResponse> DesignateProvisionally(DesignateProvisionallyRequest request, ServerCallContext context) =>
        Slice<DesignateProvisionally>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Approver)]
    public override Task<EndDesignationResponse> EndDesignation(EndDesignationRequest request, ServerCallContext context) =>
        Slice<EndDesignation>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Approver)]
    public override Task<DecideMandateResponse> DecideMandate(DecideMandateRequest request, ServerCallContext context) =>
        Slice<DecideMandate>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Approver)]
    public override Task<RecordPrecedentResponse> RecordPrecedent(RecordPrecedentRequest request, ServerCallContext context) =>
        Slice<RecordPrecedent>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<ListPrecedentsResponse> ListPrecedents(ListPrecedentsRequest request, ServerCallContext context) =>
        Slice<ListPrecedents>().HandleAsync(context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<FindPrecedentsResponse> FindPrecedents(FindPrecedentsRequest request, ServerCallContext context) =>
        Slice<FindPrecedents>().HandleAsync(request, context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<ListDossiersResponse> ListDossiers(ListDossiersRequest request, ServerCallContext context) =>
        Slice<ListDossiers>().HandleAsync(request, context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<GetDossierResponse> GetDossier(GetDossierRequest request, ServerCallContext context) =>
        Slice<GetDossier>().HandleAsync(request, context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor)]
    public override Task<ListResiduesResponse> ListResidues(ListResiduesRequest request, ServerCallContext context) =>
        Slice<ListResidues>().HandleAsync(request, context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.PanelChair)]
    public override Task<AttachStatementsResponse> AttachStatements(AttachStatementsRequest request, ServerCallContext context) =>
        Slice<AttachStatements>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.PanelChair)]
    public override Task<RecordRightOfReplyResponse> RecordRightOfReply(RecordRightOfReplyRequest request, ServerCallContext context) =>
        Slice<RecordRightOfReply>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.PanelChair, Roles.Approver)]
    public override Task<SeatPanelResponse> SeatPanel(SeatPanelRequest request, ServerCallContext context) =>
        Slice<SeatPanel>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Approver, Roles.Administrator)]
    public override Task<RecordTieResponse> RecordTie(RecordTieRequest request, ServerCallContext context) =>
        Slice<RecordTie>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Approver, Roles.Administrator)]
    public override Task<EndTieResponse> EndTie(EndTieRequest request, ServerCallContext context) =>
        Slice<EndTie>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.PanelChair, Roles.Approver, Roles.Administrator, Roles.Auditor)]
    public override Task<ListTiesResponse> ListTies(ListTiesRequest request, ServerCallContext context) =>
        Slice<ListTies>().HandleAsync(request, context.CancellationToken);

    [Allow(Roles.Reviewer)]
    public override Task<DeclareConflictResponse> DeclareConflict(DeclareConflictRequest request, ServerCallContext context) =>
        Slice<DeclareConflict>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.PanelChair, Roles.Approver)]
    public override Task<ReplaceMemberResponse> ReplaceMember(ReplaceMemberRequest request, ServerCallContext context) =>
        Slice<ReplaceMember>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Reviewer)]
    public override Task<CastAssessmentResponse> CastAssessment(CastAssessmentRequest request, ServerCallContext context) =>
        Slice<CastAssessment>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<ListAssessmentsResponse> ListAssessments(ListAssessmentsRequest request, ServerCallContext context) =>
        Slice<ListAssessments>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Reviewer)]
    public override Task<CastBallotResponse> CastBallot(CastBallotRequest request, ServerCallContext context) =>
        Slice<CastBallot>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<ListBallotsResponse> ListBallots(ListBallotsRequest request, ServerCallContext context) =>
        Slice<ListBallots>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.PanelChair)]
    public override Task<OpenBallotsResponse> OpenBallots(OpenBallotsRequest request, ServerCallContext context) =>
        Slice<OpenBallots>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.Reviewer)]
    public override Task<RecordDissentResponse> RecordDissent(RecordDissentRequest request, ServerCallContext context) =>
        Slice<RecordDissent>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<RecordConcernResponse> RecordConcern(RecordConcernRequest request, ServerCallContext context) =>
        Slice<RecordConcern>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.PanelChair)]
    public override Task<DraftDecisionResponse> DraftDecision(DraftDecisionRequest request, ServerCallContext context) =>
        Slice<DraftDecision>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<GetDecisionResponse> GetDecision(GetDecisionRequest request, ServerCallContext context) =>
        Slice<GetDecision>().HandleAsync(request, context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<GetDecisionDocumentResponse> GetDecisionDocument(GetDecisionDocumentRequest request, ServerCallContext context) =>
        Slice<GetDecisionDocument>().HandleAsync(request, context.CancellationToken);

    [Allow(Roles.IntakeOfficer, Roles.Archivist, Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Spokesperson, Roles.Auditor, Roles.Administrator)]
    public override Task<ReplayDossierResponse> ReplayDossier(ReplayDossierRequest request, ServerCallContext context) =>
        Slice<ReplayDossier>().HandleAsync(request, context.CancellationToken);

    [Allow(Roles.PanelChair, Roles.Approver)]
    public override Task<SignDecisionResponse> SignDecision(SignDecisionRequest request, ServerCallContext context) =>
        Slice<SignDecision>().HandleAsync(request, context.Caller(), context.CancellationToken);

    [Allow(Roles.IntakeOfficer)]
    public override Task<FileAppealResponse> FileAppeal(FileAppealRequest request, ServerCallContext context) =>
        Slice<FileAppeal>().HandleAsync(request, context.Caller(), context.CancellationToken);

    private T Slice<T>() where T : notnull => slices.GetRequiredService<T>();
}
