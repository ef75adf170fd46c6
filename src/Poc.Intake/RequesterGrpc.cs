using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requesters;

namespace Poc.Intake;

/// <summary>The seal on requesters' identities; each method is a slice of the same name.</summary>
internal sealed class RequesterGrpc(
    ReleaseRequesterIdentity releaseRequesterIdentity, ListRequesterReleases listRequesterReleases, RewrapRequesters rewrapRequesters, ListRequesterRewraps listRequesterRewraps,
    ListSealingKeys listSealingKeys, RetireSealingKey retireSealingKey)
    : RequesterService.RequesterServiceBase
{
    [Allow(Roles.Custodian)]
    public override Task<ReleaseRequesterIdentityResponse> ReleaseRequesterIdentity(ReleaseRequesterIdentityRequest request, ServerCallContext context) =>
        releaseRequesterIdentity.HandleAsync(request, context);

    [Allow(Roles.Custodian, Roles.Auditor)]
    public override Task<ListRequesterReleasesResponse> ListRequesterReleases(ListRequesterReleasesRequest request, ServerCallContext context) => listRequesterReleases.HandleAsync(request, context);

    [Allow(Roles.Custodian, Roles.Administrator)]
    public override Task<RewrapRequestersResponse> RewrapRequesters(RewrapRequestersRequest request, ServerCallContext context) => rewrapRequesters.HandleAsync(request, context);

    [Allow(Roles.Custodian, Roles.Administrator, Roles.Auditor)]
    public override Task<ListRequesterRewrapsResponse> ListRequesterRewraps(ListRequesterRewrapsRequest request, ServerCallContext context) => listRequesterRewraps.HandleAsync(request, context);

    [Allow(Roles.Custodian, Roles.Administrator, Roles.Auditor)]
    public override Task<ListSealingKeysResponse> ListSealingKeys(ListSealingKeysRequest request, ServerCallContext context) => listSealingKeys.HandleAsync(request, context);

    [Allow(Roles.Custodian, Roles.Administrator)]
    public override Task<RetireSealingKeyResponse> RetireSealingKey(RetireSealingKeyRequest request, ServerCallContext context) => retireSealingKey.HandleAsync(request, context);
}
