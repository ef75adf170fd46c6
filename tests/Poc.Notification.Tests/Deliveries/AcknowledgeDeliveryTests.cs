using Grpc.Core;
using Poc.Contracts.Events.Notification.V1;
using Poc.Contracts.Notification.V1;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Deliveries;

public sealed class AcknowledgeDeliveryTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Answers_every_repetition_with_the_first_time()
    {
        var (counsel, decision) = await ToldAsync();
        var request = new AcknowledgeDeliveryRequest { Reference = Reference((await _stack.MailAsync(counsel))[0]) };

        var first = await _stack.Client.AcknowledgeDeliveryAsync(request);
        var second = await _stack.Client.AcknowledgeDeliveryAsync(request);

        Assert.Equal(first, second);
        var delivery = Assert.Single(await _stack.DeliveriesAsync(decision));
        Assert.Equal((Delivery.Types.State.Acknowledged, first.AcknowledgedAt), (delivery.State, delivery.AcknowledgedAt));
    }

    [Fact]
    public async Task Completes_a_wave_once_when_its_last_two_acknowledge_at_the_same_moment()
    {
        var completed = await _stack.TapAsync<WaveCompleted>();
        var sections = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _stack.RecipientAsync(Audience.Sections)));
        var decision = NewDecision();
        await _stack.PrepareAsync(decision, (sections, sections));
        await _stack.PublishAsync(Events.DecisionSigned(decision));
        foreach (var section in sections)
        {
            await _stack.MailAsync(section);
        }

        await Task.WhenAll(sections.Concat(sections).Select(section => _stack.AcknowledgeAsync(section)));

        Assert.Equal(RecipientPlan.Types.State.Completed, (await _stack.PlanAsync(decision)).State);
        Assert.Equal([1L, 2], (await completed.AboutAsync(PlanName(decision), 2)).Select(static wave => wave.Version));
    }

    [Fact]
    public async Task Ends_the_sending_of_a_mail_whose_acceptance_was_never_recorded()
    {
        var (counsel, decision) = await ToldAsync();
        var reference = Reference((await _stack.MailAsync(counsel))[0]);
        await Poc.Testing.Eventually.BecomesTrueAsync(async () => Assert.Single(await _stack.DeliveriesToAsync(counsel)).State == Delivery.Types.State.Sent);
        // As a replica leaves it that died between the server's 250 and its own commit: to be sent again when the lease ends.
        Assert.Equal(1, await _stack.Database.ExecuteAsync(
            "UPDATE deliveries SET state = 'QUEUED', reference = $2, sent_at = NULL, next_attempt_at = now() + interval '1 hour' WHERE decision_id = $1",
            decision["decisions/".Length..],
            reference));

        await _stack.Client.AcknowledgeDeliveryAsync(new AcknowledgeDeliveryRequest { Reference = reference });

        var delivery = Assert.Single(await _stack.DeliveriesAsync(decision));
        Assert.Equal((Delivery.Types.State.Acknowledged, true), (delivery.State, delivery.SentAt is not null));
        Assert.Equal(RecipientPlan.Types.State.Completed, (await _stack.PlanAsync(decision)).State);
    }

    [Fact]
    public async Task Knows_no_other_reference()
    {
        Assert.Equal(
            (StatusCode.NotFound, "REFERENCE_UNKNOWN"),
            await RefusalAsync(_stack.Client.AcknowledgeDeliveryAsync(new AcknowledgeDeliveryRequest { Reference = "made-up" })));
        Assert.Equal(["reference"], await InvalidFieldsAsync(_stack.Client.AcknowledgeDeliveryAsync(new AcknowledgeDeliveryRequest())));
        Assert.Equal(
            ["reference"],
            await InvalidFieldsAsync(_stack.Client.AcknowledgeDeliveryAsync(new AcknowledgeDeliveryRequest { Reference = new string('a', 129) })));
    }

    [Fact]
    public async Task Leaves_no_reference_in_the_database_once_the_mail_is_out()
    {
        var (counsel, _) = await ToldAsync();
        var reference = Reference((await _stack.MailAsync(counsel))[0]);
        await Poc.Testing.Eventually.BecomesTrueAsync(async () => Assert.Single(await _stack.DeliveriesToAsync(counsel)).State == Delivery.Types.State.Sent);

        Assert.Equal(0L, await _stack.Database.ScalarAsync<long>("SELECT count(*) FROM deliveries d WHERE d::text LIKE '%' || $1 || '%'", reference));
    }

    private async Task<(Recipient Counsel, string Decision)> ToldAsync()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var decision = NewDecision();
        await _stack.PrepareAsync(decision, ([counsel], [counsel]));
        await _stack.PublishAsync(Events.DecisionSigned(decision));
        return (counsel, decision);
    }
}
