using Grpc.Core;
using Microsoft.Extensions.Options;
using Poc.Contracts.Intake.V1;

namespace Poc.Review;

/// <summary>What Intake is asked about requests: what they repeat, and what each says of its own. Its texts are read there and not kept here.</summary>
internal sealed class Intake(
    AdmissibilityService.AdmissibilityServiceClient admissibility, CampaignService.CampaignServiceClient campaigns, IOptions<ReviewOptions> options, TimeProvider clock)
{
    /// <summary>What a request repeats and what it brings; null when Intake cannot be asked at the moment, which says nothing about the request.</summary>
    /// <exception cref="RpcException">Intake answers that it does not know the request, or whom it is about: somebody has to look at that.</exception>
    public async Task<Repetition?> FindRepetitionAsync(string request, CancellationToken cancellation)
    {
        try
        {
            return (await admissibility.GetRepetitionAsync(new GetRepetitionRequest { Request = request }, Call(cancellation))).Repetition;
        }
        catch (RpcException problem) when (IsAway(problem, cancellation))
        {
            return null;
        }
    }

    /// <summary>What these requests of a campaign say of their own; those that Intake does not have in it are left out.</summary>
    /// <exception cref="Poc.Grpc.RpcError">UNAVAILABLE INTAKE_UNAVAILABLE.</exception>
    public async Task<IReadOnlyList<CampaignResidue>> ResiduesAsync(string campaign, IReadOnlyCollection<string> requests, CancellationToken cancellation)
    {
        try
        {
            var asked = new ListCampaignResiduesRequest { Name = campaign, PageSize = requests.Count, Requests = { requests } };
            return (await campaigns.ListCampaignResiduesAsync(asked, Call(cancellation))).Residues;
        }
        catch (RpcException problem) when (IsAway(problem, cancellation))
        {
            throw ReviewErrors.IntakeUnavailable(problem);
        }
    }

    private CallOptions Call(CancellationToken cancellation) => new(deadline: (clock.GetUtcNow() + options.Value.IntakeDeadline).UtcDateTime, cancellationToken: cancellation);

    // Its database being away, or too many others asking, is Intake being away.
    private static bool IsAway(RpcException problem, CancellationToken cancellation) =>
        problem.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.ResourceExhausted or StatusCode.Aborted && !cancellation.IsCancellationRequested;
}
