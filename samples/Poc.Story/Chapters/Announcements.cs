using Grpc.Core;
using Poc.Contracts.Notification.V1;
using Poc.Contracts.Review.V1;
using Poc.Story.Script;
using Poc.Story.Stack;

namespace Poc.Story.Chapters;

/// <summary>Telling of a decision: the plan, its waves with their acknowledgements, or everybody at once when it has leaked.</summary>
internal sealed class Announcements(Stage stage, StoryRecord record, Reviews reviews)
{
    /// <summary>Who prepares plans and enters leak mode.</summary>
    public const string Spokesperson = "spokesperson-1";

    public string PlanOf(ScriptedReview review) => $"recipientPlans/{record.Decisions[review.Key]["decisions/".Length..]}";

    /// <summary>Names who is told, before the decision is signed.</summary>
    public async Task PrepareAsync(ScriptedReview review, CancellationToken cancellation)
    {
        var plan = (await stage.AskAsync(stage.Notification.PrepareRecipientPlanAsync, new PrepareRecipientPlanRequest
        {
            RequestId = StepId.Of($"{review.Key}/plan/{record.Decisions[review.Key]}"),
            RecipientPlan = new RecipientPlan
            {
                Decision = record.Decisions[review.Key],
                Waves = { review.Plan.Waves.Select(ToMessage) },
                Texts = { review.Plan.Texts.Select(static text => text.ToMessage()) },
            },
        }, stage.Staff(Spokesperson), cancellation)).RecipientPlan;
        stage.Narrator.Tell($"Who is told, in which order: {string.Join(" → ", plan.Waves.Select(Describe))}; {plan.Texts.Count} approved texts.");
    }

    /// <summary>Goes through the waves: whoever must acknowledge does so by the reference in the mail, and only then the next wave opens.</summary>
    public async Task RunAsync(ScriptedReview review, CancellationToken cancellation)
    {
        var plan = await RunningAsync(review, cancellation);
        for (var number = 1; number <= plan.Waves.Count; number++)
        {
            var index = number - 1;
            plan = await stage.Awaiting.UntilAsync(
                $"wave {number} of {plan.Name} to open", () => GetAsync(review, cancellation), plan => plan.Waves[index].OpenedAt is not null, Describe, cancellation);
            var wave = plan.Waves[index];
            var sent = await stage.Awaiting.UntilAsync(
                $"all messages of wave {number} of {plan.Name} to be sent",
                async () => (await DeliveriesAsync(plan.Name, cancellation)).Where(delivery => delivery.Wave == wave.Number).ToList(),
                deliveries => wave.Recipients.All(recipient => deliveries.Exists(delivery => delivery.Recipient == recipient)) && !deliveries.Exists(IsQueued),
                static deliveries => $"{deliveries.Count} deliveries, {deliveries.Count(IsQueued)} of them queued",
                cancellation);
            var open = sent.Where(delivery => wave.MandatoryRecipients.Contains(delivery.Recipient) && delivery.State == Delivery.Types.State.Sent).ToList();
            foreach (var delivery in open)
            {
                await AcknowledgeAsync(review, wave.Audience, delivery, cancellation);
            }

            var read = open.Count > 0 ? $"; {open.Count} read the approved text behind the reference in their mail and acknowledge" : "";
            stage.Narrator.Tell($"Wave {number}, {Words(wave.Audience)}: {sent.Count} told{read}.");
        }

        await AnnouncedAsync(review, cancellation);
    }

    /// <summary>The decision has leaked: everybody is told the approved text at once.</summary>
    public async Task LeakAsync(ScriptedReview review, CancellationToken cancellation)
    {
        var plan = await RunningAsync(review, cancellation);
        stage.Narrator.Chapter(review.Leak!.Date, "A leak");
        stage.Narrator.Tell(review.Leak.Reason);
        if (!plan.LeakMode)
        {
            plan = (await stage.AskAsync(
                stage.Notification.EnterLeakModeAsync,
                new EnterLeakModeRequest { RequestId = StepId.Of($"{review.Key}/leak"), Plan = plan.Name, Reason = review.Leak.Reason },
                stage.Staff(Spokesperson),
                cancellation)).RecipientPlan;
        }

        var who = plan.Overrides.Last(static entry => entry.Wave == 0).Staff["staff/".Length..];
        stage.Narrator.Tell($"{who} enters leak mode: the approved text goes to everyone at once, logged with the reason.");
        var everybody = plan.Waves.Sum(static wave => wave.Recipients.Count);
        var deliveries = await stage.Awaiting.UntilAsync(
            "everybody to be told of the leaked decision",
            () => DeliveriesAsync(plan.Name, cancellation),
            deliveries => deliveries.Count >= everybody && !deliveries.Exists(IsQueued),
            deliveries => $"{deliveries.Count - deliveries.Count(IsQueued)} of {everybody} sent",
            cancellation);
        stage.Narrator.Answer($"{deliveries.Count} messages are out, from counsel to the press desk; nobody learns of it from social media alone");
        await AnnouncedAsync(review, cancellation);
    }

    public async Task<RecipientPlan> GetAsync(ScriptedReview review, CancellationToken cancellation) =>
        (await stage.AskAsync(stage.Notification.GetRecipientPlanAsync, new GetRecipientPlanRequest { Name = PlanOf(review) }, stage.Staff("auditor-1"), cancellation)).RecipientPlan;

    public async Task<List<Delivery>> DeliveriesAsync(string plan, CancellationToken cancellation)
    {
        var deliveries = new List<Delivery>();
        var query = new ListDeliveriesRequest { Plan = plan, PageSize = 500 };
        do
        {
            var page = await stage.AskAsync(stage.Notification.ListDeliveriesAsync, query, stage.Staff("auditor-1"), cancellation);
            deliveries.AddRange(page.Deliveries);
            query = query.Clone();
            query.PageToken = page.NextPageToken;
        }
        while (query.PageToken.Length > 0);
        return deliveries;
    }

    // The plan starts when Notification has heard that the decision is signed.
    private Task<RecipientPlan> RunningAsync(ScriptedReview review, CancellationToken cancellation) => stage.Awaiting.UntilAsync(
        $"{PlanOf(review)} to start", () => GetAsync(review, cancellation), static plan => plan.State != RecipientPlan.Types.State.Prepared, Describe, cancellation);

    private async Task AnnouncedAsync(ScriptedReview review, CancellationToken cancellation) => await stage.Awaiting.UntilAsync(
        $"{record.Decisions[review.Key]} to be public",
        () => reviews.DecisionAsync(record.Decisions[review.Key], cancellation),
        static decision => decision.Publicity == Publicity.Public,
        static decision => Wire.Name(decision.Publicity),
        cancellation);

    /// <summary>Does what the recipient does: opens the mail, follows the reference, reads the text, acknowledges.</summary>
    private async Task AcknowledgeAsync(ScriptedReview review, Audience audience, Delivery delivery, CancellationToken cancellation)
    {
        var id = delivery.Recipient["recipients/story-".Length..];
        var recipient = stage.Script.People.Recipients.Concat(stage.Script.People.Sections.Select(static section => section.AsRecipient())).Single(recipient => recipient.Id == id);
        var texts = review.Plan.TextsFor(audience, recipient.Language);
        var reference = await stage.Awaiting.UntilAsync(
            $"a mail to {recipient.Email} whose reference leads to the text approved for {Words(audience)}",
            async () =>
            {
                foreach (var reference in await stage.Mail.ReferencesToAsync(recipient.Email, cancellation))
                {
                    if (await ReadAsync(reference, cancellation) is { } text && texts.Contains(text))
                    {
                        return reference;
                    }
                }

                return null;
            },
            static reference => reference is not null,
            static _ => "no such mail",
            cancellation);
        await stage.AskAsync(stage.Notification.AcknowledgeDeliveryAsync, new AcknowledgeDeliveryRequest { Reference = reference! }, stage.Anyone, cancellation);
    }

    /// <summary>The text behind a reference; null where there is none, as behind the mail of a subscription.</summary>
    private async Task<string?> ReadAsync(string reference, CancellationToken cancellation)
    {
        try
        {
            return (await stage.AskAsync(stage.Notification.GetAnnouncementAsync, new GetAnnouncementRequest { Reference = reference }, stage.Anyone, cancellation)).Text?.Text;
        }
        catch (RpcException problem) when (problem.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }

    private Wave ToMessage(ScriptedWave wave)
    {
        var sections = stage.Script.People.Sections.Select(static section => ScriptedRecipient.NameOf(section.Id)).ToList();
        return new Wave
        {
            Audience = wave.Audience,
            Recipients = { wave.Recipients.Select(ScriptedRecipient.NameOf), wave.Sections ? sections : [] },
            MandatoryRecipients = { wave.Mandatory.Select(ScriptedRecipient.NameOf), wave.MandatorySections ? sections : [] },
        };
    }

    private static bool IsQueued(Delivery delivery) => delivery.State == Delivery.Types.State.Queued;

    private static string Describe(Wave wave) =>
        $"{Words(wave.Audience)} ({wave.Recipients.Count}{(wave.MandatoryRecipients.Count > 0 ? $", {wave.MandatoryRecipients.Count} must acknowledge" : "")})";

    private static string Describe(RecipientPlan plan) =>
        $"{Wire.Name(plan.State)}, {plan.Waves.Count(static wave => wave.OpenedAt is not null)} of {plan.Waves.Count} waves open";

    private static string Words(Audience audience) => Wire.Name(audience).ToLowerInvariant().Replace('_', ' ');
}
