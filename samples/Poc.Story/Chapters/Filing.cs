using System.Security.Cryptography;
using System.Text;
using Poc.Contracts.Intake.V1;
using Poc.Story.Script;
using Poc.Story.Stack;

namespace Poc.Story.Chapters;

/// <summary>Filing requests as sections do, and following what becomes of them.</summary>
internal static class Filing
{
    /// <summary>Files the request under the section's key and checks the receipt against the text that was sent.</summary>
    public static async Task<SubmitRequestResponse> SubmitAsync(Stage stage, StoryRecord record, PlannedRequest planned, CancellationToken cancellation)
    {
        var filed = await stage.AskAsync(
            stage.Intake.SubmitRequestAsync,
            new SubmitRequestRequest { RequestId = StepId.Of($"request/{planned.Key}"), Request = planned.Request },
            stage.Section(planned.Section),
            cancellation);
        record.Requests[planned.Key] = filed.Request.Name;
        if (filed.Receipt.TextSha256 != Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(planned.Request.Text))))
        {
            record.WrongReceipts.Add(planned.Key);
        }

        return filed;
    }

    /// <summary>Waits until the section sees its request in one of the states.</summary>
    public static Task<Request> UntilAsync(Stage stage, StoryRecord record, PlannedRequest planned, Func<Request, bool> holds, string awaited, CancellationToken cancellation) =>
        stage.Awaiting.UntilAsync(
            $"request {planned.Key} {awaited}",
            async () => (await stage.AskAsync(
                stage.Intake.GetRequestAsync, new GetRequestRequest { Name = record.Requests[planned.Key] }, stage.Section(planned.Section), cancellation)).Request,
            holds,
            static request => $"{Wire.Name(request.State)} {request.StateReason}".TrimEnd(),
            cancellation);

    /// <summary>All requests of the story as Intake has them now, by key, whoever else files requests there.</summary>
    public static async Task<IReadOnlyDictionary<string, Request>> AllAsync(Stage stage, CancellationToken cancellation)
    {
        var prefix = Burst.Reference("");
        var found = new Dictionary<string, Request>(StringComparer.Ordinal);
        var query = new ListRequestsRequest { Parent = "partners/-", PageSize = 500 };
        do
        {
            var page = await stage.AskAsync(stage.Intake.ListRequestsAsync, query, stage.Staff("intake-officer-1"), cancellation);
            foreach (var request in page.Requests.Where(request => request.Synthetic && request.PartnerReference.StartsWith(prefix, StringComparison.Ordinal)))
            {
                found[request.PartnerReference[prefix.Length..]] = request;
            }

            query = query.Clone();
            query.PageToken = page.NextPageToken;
        }
        while (query.PageToken.Length > 0);
        return found;
    }

    /// <summary>Whether review has said what becomes of it.</summary>
    public static bool IsJudged(Request request) => request.State is not (Request.Types.State.Received or Request.Types.State.Admissible);
}
