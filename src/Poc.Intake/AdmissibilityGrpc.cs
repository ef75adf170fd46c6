using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Admissibility;

namespace Poc.Intake;

/// <summary>What staff should know before they judge a request; each method is a slice of the same name.</summary>
internal sealed class AdmissibilityGrpc(GetRepetition getRepetition, GetPartnerRecord getPartnerRecord) : AdmissibilityService.AdmissibilityServiceBase
{
    [Allow(Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor, Roles.ServiceReview)]
    public override Task<GetRepetitionResponse> GetRepetition(GetRepetitionRequest request, ServerCallContext context) => getRepetition.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer, Roles.Auditor)]
    public override Task<GetPartnerRecordResponse> GetPartnerRecord(GetPartnerRecordRequest request, ServerCallContext context) => getPartnerRecord.HandleAsync(request, context);
}
