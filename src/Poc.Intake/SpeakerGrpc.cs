using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Speakers;

namespace Poc.Intake;

/// <summary>Who really speaks; each method is a slice of the same name.</summary>
internal sealed class SpeakerGrpc(
    RegisterSpeaker registerSpeaker,
    EndSpeaker endSpeaker,
    ListSpeakers listSpeakers,
    AskSpeaker askSpeaker,
    AnswerSpeakerCheck answerSpeakerCheck,
    RecordSpeakerCheck recordSpeakerCheck,
    ListSpeakerChecks listSpeakerChecks,
    OpenImpostorIncident openImpostorIncident,
    GetImpostorIncident getImpostorIncident,
    ListImpostorIncidents listImpostorIncidents,
    CloseImpostorIncident closeImpostorIncident) : SpeakerService.SpeakerServiceBase
{
    [Allow(Roles.IntakeOfficer)]
    public override Task<RegisterSpeakerResponse> RegisterSpeaker(RegisterSpeakerRequest request, ServerCallContext context) => registerSpeaker.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer)]
    public override Task<EndSpeakerResponse> EndSpeaker(EndSpeakerRequest request, ServerCallContext context) => endSpeaker.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer, Roles.Auditor)]
    public override Task<ListSpeakersResponse> ListSpeakers(ListSpeakersRequest request, ServerCallContext context) => listSpeakers.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer)]
    public override Task<AskSpeakerResponse> AskSpeaker(AskSpeakerRequest request, ServerCallContext context) => askSpeaker.HandleAsync(request, context);

    [Allow(Roles.Anonymous)]
    public override Task<AnswerSpeakerCheckResponse> AnswerSpeakerCheck(AnswerSpeakerCheckRequest request, ServerCallContext context) => answerSpeakerCheck.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer)]
    public override Task<RecordSpeakerCheckResponse> RecordSpeakerCheck(RecordSpeakerCheckRequest request, ServerCallContext context) => recordSpeakerCheck.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor)]
    public override Task<ListSpeakerChecksResponse> ListSpeakerChecks(ListSpeakerChecksRequest request, ServerCallContext context) => listSpeakerChecks.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer, Roles.Spokesperson)]
    public override Task<OpenImpostorIncidentResponse> OpenImpostorIncident(OpenImpostorIncidentRequest request, ServerCallContext context) => openImpostorIncident.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Spokesperson, Roles.Auditor)]
    public override Task<GetImpostorIncidentResponse> GetImpostorIncident(GetImpostorIncidentRequest request, ServerCallContext context) => getImpostorIncident.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Spokesperson, Roles.Auditor)]
    public override Task<ListImpostorIncidentsResponse> ListImpostorIncidents(ListImpostorIncidentsRequest request, ServerCallContext context) => listImpostorIncidents.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer)]
    public override Task<CloseImpostorIncidentResponse> CloseImpostorIncident(CloseImpostorIncidentRequest request, ServerCallContext context) => closeImpostorIncident.HandleAsync(request, context);
}
