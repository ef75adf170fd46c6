using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requesters;

namespace Poc.Intake;

/// <summary>The seal on requesters' identities; each method is a slice of the same name.</summary>
internal sealed class RequesterGrpc(ReleaseRequesterIdentity releaseRequesterIdentity, ListRequesterReleases listRequesterReleases) : RequesterService.RequesterServiceBase
{
    [Allow(Roles.Custodian)]
    public override Task<ReleaseRequesterIdentityResponse> ReleaseRequesterIdentity(ReleaseRequesterIdentityRequest request, ServerCallContext context) =>
        releaseRequesterIdentity.HandleAsync(request, context);

    [Allow(Roles.Custodian, Roles.Auditor)]
    public override Task<ListRequesterReleasesResponse> ListRequesterReleases(ListRequesterReleasesRequest request, ServerCallContext context) => listRequesterReleases.HandleAsync(request, context);
}
