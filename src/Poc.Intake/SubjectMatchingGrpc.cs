using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Subjects;

namespace Poc.Intake;

/// <summary>Whom described requests are about; each method is a slice of the same name.</summary>
internal sealed class SubjectMatchingGrpc(ListSubjectCandidates listSubjectCandidates, ConfirmSubject confirmSubject) : SubjectMatchingService.SubjectMatchingServiceBase
{
    [Allow(Roles.IntakeOfficer, Roles.Reviewer, Roles.Auditor)]
    public override Task<ListSubjectCandidatesResponse> ListSubjectCandidates(ListSubjectCandidatesRequest request, ServerCallContext context) => listSubjectCandidates.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer)]
    public override Task<ConfirmSubjectResponse> ConfirmSubject(ConfirmSubjectRequest request, ServerCallContext context) => confirmSubject.HandleAsync(request, context);
}
