using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Partners;

namespace Poc.Intake;

/// <summary>What administrators call to say who may file; each method is a slice of the same name.</summary>
internal sealed class PartnerAdminGrpc(
    CreatePartner createPartner,
    ListPartners listPartners,
    RegisterApiKey registerApiKey,
    RevokeApiKey revokeApiKey,
    ListApiKeys listApiKeys,
    ListCredentialUses listCredentialUses,
    GetPartnerLimits getPartnerLimits,
    SetPartnerLimits setPartnerLimits,
    RegisterCertificate registerCertificate,
    ListCertificates listCertificates,
    RevokeCertificate revokeCertificate) : PartnerAdminService.PartnerAdminServiceBase
{
    [Allow(Roles.Administrator)]
    public override Task<CreatePartnerResponse> CreatePartner(CreatePartnerRequest request, ServerCallContext context) => createPartner.HandleAsync(request, context);

    [Allow(Roles.Administrator)]
    public override Task<ListPartnersResponse> ListPartners(ListPartnersRequest request, ServerCallContext context) => listPartners.HandleAsync(request, context);

    [Allow(Roles.Administrator)]
    public override Task<RegisterApiKeyResponse> RegisterApiKey(RegisterApiKeyRequest request, ServerCallContext context) => registerApiKey.HandleAsync(request, context);

    [Allow(Roles.Administrator)]
    public override Task<RevokeApiKeyResponse> RevokeApiKey(RevokeApiKeyRequest request, ServerCallContext context) => revokeApiKey.HandleAsync(request, context);

    [Allow(Roles.Administrator)]
    public override Task<ListApiKeysResponse> ListApiKeys(ListApiKeysRequest request, ServerCallContext context) => listApiKeys.HandleAsync(request, context);

    [Allow(Roles.Administrator, Roles.Auditor)]
    public override Task<ListCredentialUsesResponse> ListCredentialUses(ListCredentialUsesRequest request, ServerCallContext context) => listCredentialUses.HandleAsync(request, context);

    [Allow(Roles.Administrator, Roles.Auditor)]
    public override Task<GetPartnerLimitsResponse> GetPartnerLimits(GetPartnerLimitsRequest request, ServerCallContext context) => getPartnerLimits.HandleAsync(request, context);

    [Allow(Roles.Administrator)]
    public override Task<SetPartnerLimitsResponse> SetPartnerLimits(SetPartnerLimitsRequest request, ServerCallContext context) => setPartnerLimits.HandleAsync(request, context);

    [Allow(Roles.Administrator)]
    public override Task<RegisterCertificateResponse> RegisterCertificate(RegisterCertificateRequest request, ServerCallContext context) => registerCertificate.HandleAsync(request, context);

    [Allow(Roles.Administrator)]
    public override Task<ListCertificatesResponse> ListCertificates(ListCertificatesRequest request, ServerCallContext context) => listCertificates.HandleAsync(request, context);

    [Allow(Roles.Administrator)]
    public override Task<RevokeCertificateResponse> RevokeCertificate(RevokeCertificateRequest request, ServerCallContext context) => revokeCertificate.HandleAsync(request, context);
}
