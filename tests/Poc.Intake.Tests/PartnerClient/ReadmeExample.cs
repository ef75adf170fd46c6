extern alias partner;

using partner::Poc.Contracts.Intake.V1;
using partner::Poc.Intake.Client;

namespace Poc.Intake.Tests.PartnerClient;

/// <summary>The example of the package's README, so that it compiles and runs; a test compares the two.</summary>
internal static class ReadmeExample
{
    // Console is what the example calls the place it writes to.
    public static async Task RunAsync(string address, string apiKey, Guid requestId, TextWriter Console)
    {
        // README begins.
        using var intake = new IntakeClient(new IntakeClientOptions { Address = new Uri(address), ApiKey = apiKey });

        // Keep the id beside the letter before you file it: after a crash, file again with the same id, and it is filed once.
        var filed = await intake.SubmitAsync(requestId, new Request
        {
            Kind = RequestKind.Delist,
            Subject = new SubjectReference { Subject = "subjects/somebody" },
            Text = "We ask you to look again at this designation.",
            Language = "en",
            Relation = Relation.ThirdParty,
            Criteria = { "advocacy-of-violence" },
        });
        Console.WriteLine($"{filed.Request.Name} received at {filed.Receipt.ReceivedAt}");

        await foreach (var state in intake.WatchAsync(filed.Request.Name))
        {
            Console.WriteLine($"{state.State} {state.StateReason}");
        }
        // README ends.
    }
}
