using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Campaigns;
using Poc.Intake.Partners;

namespace Poc.Intake;

/// <summary>Similar requests from independent sources, and what persons say of them; each method is a slice of the same name.</summary>
internal sealed class CampaignGrpc(RegisterTemplate registerTemplate, ListCampaigns listCampaigns, GetCampaign getCampaign, ListCampaignResidues listCampaignResidues, ClassifyCampaign classifyCampaign, ContestCampaign contestCampaign)
    : CampaignService.CampaignServiceBase
{
    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Campaign)]
    public override Task<RegisterTemplateResponse> RegisterTemplate(RegisterTemplateRequest request, ServerCallContext context) => registerTemplate.HandleAsync(request, context);

    [Allow(Roles.Partner, Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor)]
    [CountsAs(MethodClass.Read)]
    public override Task<ListCampaignsResponse> ListCampaigns(ListCampaignsRequest request, ServerCallContext context) => listCampaigns.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor)]
    public override Task<GetCampaignResponse> GetCampaign(GetCampaignRequest request, ServerCallContext context) => getCampaign.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer, Roles.Reviewer, Roles.PanelChair, Roles.Auditor, Roles.ServiceReview)]
    public override Task<ListCampaignResiduesResponse> ListCampaignResidues(ListCampaignResiduesRequest request, ServerCallContext context) => listCampaignResidues.HandleAsync(request, context);

    [Allow(Roles.IntakeOfficer)]
    public override Task<ClassifyCampaignResponse> ClassifyCampaign(ClassifyCampaignRequest request, ServerCallContext context) => classifyCampaign.HandleAsync(request, context);

    [Allow(Roles.Partner)]
    [CountsAs(MethodClass.Campaign)]
    public override Task<ContestCampaignResponse> ContestCampaign(ContestCampaignRequest request, ServerCallContext context) => contestCampaign.HandleAsync(request, context);
}
