using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Testing;

namespace Poc.Review.Tests.Dossiers;

public sealed class ListResiduesTests(ReviewStack stack)
{
    [Fact]
    public async Task Shows_what_each_request_below_an_entry_says_of_its_own_page_by_page()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var requests = Enumerable.Range(0, 5).Select(i => Some.Received(@case.Subject) with { OccurredAt = TimeProvider.System.GetUtcNow().AddSeconds(i) }).ToList();
        var campaign = $"campaigns/{Random.Shared.Next(1_000_000, int.MaxValue)}";
        await @case.Stack.Others.SayAsync(
            [.. requests, new CampaignRequestsJoined(Guid.CreateVersion7(), campaign, 1, TimeProvider.System.GetUtcNow(), [.. requests.Skip(1).Select(static request => request.Aggregate)])]);
        var dossier = "";
        foreach (var request in requests)
        {
            dossier = (await @case.Stack.Others.HeardAsync<AdmissibilityDecided>(request.Aggregate)).Dossier!;
            @case.Stack.Intake.Residues[request.Aggregate] = $"own words of {request.Aggregate}";
        }

        await Eventually.BecomesTrueAsync(async () => (await @case.DossierAsync(dossier)).Entries.Any(entry => entry.Requests.Count == 4));
        var (read, page) = (new List<Residue>(), new ListResiduesRequest { Dossier = dossier, Campaign = campaign, PageSize = 3 });
        do
        {
            var answer = await @case.Client.ListResiduesAsync(page, Staff.Reviewer("a1"));
            read.AddRange(answer.Residues);
            page.PageToken = answer.NextPageToken;
        }
        while (page.PageToken.Length > 0);

        Assert.Equal(requests.Skip(1).Select(static request => (request.Aggregate, $"own words of {request.Aggregate}")), read.Select(static residue => (residue.Request, residue.Text)));
        await Refusals.RefusedAsync(@case.Client.ListResiduesAsync(new ListResiduesRequest { Dossier = dossier, Campaign = "campaigns/1" }, Staff.Auditor), StatusCode.NotFound, "ENTRY_NOT_FOUND");
        @case.Stack.Intake.Away[campaign] = true;
        await Refusals.RefusedAsync(@case.Client.ListResiduesAsync(new ListResiduesRequest { Dossier = dossier, Campaign = campaign }, Staff.Auditor), StatusCode.Unavailable, "INTAKE_UNAVAILABLE");
    }
}
