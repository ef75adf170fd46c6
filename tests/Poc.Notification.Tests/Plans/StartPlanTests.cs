using Poc.Contracts.Events.Notification.V1;
using Poc.Contracts.Notification.V1;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Plans;

public sealed class StartPlanTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Opens_wave_after_wave_as_the_mandatory_recipients_acknowledge()
    {
        var completed = await _stack.TapAsync<WaveCompleted>();
        var ended = await _stack.TapAsync<RecipientPlanCompleted>();
        var (counsel, family) = (await _stack.RecipientAsync(Audience.CounselAndFamily, "ru"), await _stack.RecipientAsync(Audience.CounselAndFamily));
        var (first, second) = (await _stack.RecipientAsync(Audience.Sections), await _stack.RecipientAsync(Audience.Sections));
        var press = await _stack.RecipientAsync(Audience.Public);
        var decision = NewDecision();
        await _stack.PrepareAsync(decision, ([counsel, family], [counsel]), ([first, second], [first, second]), ([press], []));

        await _stack.PublishAsync(Events.DecisionSigned(decision));
        Assert.Equal(new[] { counsel.Name, family.Name }.Order(), (await _stack.DeliveriesAsync(decision)).Select(static delivery => delivery.Recipient).Order());
        Assert.Equal([true, false, false], (await _stack.PlanAsync(decision)).Waves.Select(static wave => wave.OpenedAt is not null));

        await _stack.AcknowledgeAsync(family);
        Assert.Equal([true, false, false], (await _stack.PlanAsync(decision)).Waves.Select(static wave => wave.OpenedAt is not null));

        await _stack.AcknowledgeAsync(counsel);
        await _stack.AcknowledgeAsync(second);
        var waiting = await _stack.PlanAsync(decision);
        Assert.Equal((RecipientPlan.Types.State.Running, false), (waiting.State, waiting.Waves[2].OpenedAt is not null));
        Assert.Equal([true, false, false], waiting.Waves.Select(static wave => wave.CompletedAt is not null));
        Assert.Empty(ended.About(PlanName(decision)));

        await _stack.AcknowledgeAsync(first);
        var done = await _stack.PlanAsync(decision);
        Assert.Equal(RecipientPlan.Types.State.Completed, done.State);
        Assert.All(done.Waves, static wave => Assert.NotNull(wave.CompletedAt));
        await _stack.MailAsync(press);

        Assert.Equal(
            [(1L, false), (2, false), (3, false)],
            (await completed.AboutAsync(PlanName(decision), 3)).Select(static wave => (wave.Version, wave.Overridden)));
        var end = Assert.Single(await ended.AboutAsync(PlanName(decision), 1));
        Assert.Equal((1L, decision, false), (end.Version, end.Decision, end.LeakMode));

        var deliveries = (await _stack.DeliveriesAsync(decision)).ToDictionary(static delivery => delivery.Recipient);
        Assert.Equal(
            (1, "mandatory recipient", NotificationClass.Duty),
            (deliveries[counsel.Name].Wave, deliveries[counsel.Name].Reason, deliveries[counsel.Name].NotificationClass));
        Assert.Equal((1, "recipient of the plan"), (deliveries[family.Name].Wave, deliveries[family.Name].Reason));
        Assert.Equal(3, deliveries[press.Name].Wave);
    }

    [Fact]
    public async Task Makes_a_plan_of_the_protocols_audiences_where_nobody_prepared_one()
    {
        // A stack of its own: such a plan takes everybody who is registered.
        await using var stack = await StartAsync();
        var counsel = await stack.RecipientAsync(Audience.CounselAndFamily);
        var section = await stack.RecipientAsync(Audience.Sections);
        await stack.RecipientAsync(Audience.Partners);
        var decision = NewDecision();

        await stack.PublishAsync(Events.DecisionSigned(decision, mandatoryAudiences: ["COUNSEL_AND_FAMILY", "SECTIONS", "OF_A_LATER_VERSION"]));

        var plan = await stack.PlanAsync(decision);
        Assert.Equal(RecipientPlan.Types.State.Running, plan.State);
        Assert.Equal([Audience.CounselAndFamily, Audience.Sections, Audience.Public], plan.Waves.Select(static wave => wave.Audience));
        Assert.Equal([counsel.Name], plan.Waves[0].MandatoryRecipients);
        Assert.Equal([section.Name], plan.Waves[1].MandatoryRecipients);
        Assert.Equal("mandatory recipient by protocol; no plan was prepared", Assert.Single(await stack.DeliveriesAsync(decision)).Reason);

        await stack.AcknowledgeAsync(counsel);
        await stack.AcknowledgeAsync(section);
        Assert.Equal(RecipientPlan.Types.State.Completed, (await stack.PlanAsync(decision)).State);
    }

    [Fact]
    public async Task Starts_once_however_often_the_signature_comes()
    {
        var completed = await _stack.TapAsync<WaveCompleted>();
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var decision = NewDecision();
        await _stack.PrepareAsync(decision, ([counsel], []));
        var signed = Events.DecisionSigned(decision);

        await Task.WhenAll(_stack.PublishAsync(signed), _stack.PublishAsync(signed));
        await _stack.PublishAsync(signed);

        await _stack.MailAsync(counsel);
        Assert.Single(await _stack.DeliveriesAsync(decision));
        Assert.Equal([1L, 2], (await completed.AboutAsync(PlanName(decision), 2)).Select(static wave => wave.Version));
    }

    [Fact]
    public async Task Tells_of_a_correction_everyone_who_was_told_of_what_it_corrects()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var section = await _stack.RecipientAsync(Audience.Sections);
        var (requester, press) = (await _stack.RecipientAsync(Audience.Requesters), await _stack.RecipientAsync(Audience.Public));
        var (original, correction) = (NewDecision(), NewDecision());
        await _stack.PrepareAsync(original, ([counsel], [counsel]), ([section], []), ([requester], []), ([press], []));
        await _stack.PublishAsync(Events.DecisionSigned(original));
        await _stack.AcknowledgeAsync(counsel);
        await _stack.MailAsync(press);

        // Names the section alone: the wave of counsel is missing and comes first, that of the public is there and empty.
        await _stack.PrepareAsync(correction, ([section], []));
        await _stack.PublishAsync(Events.DecisionSigned(correction, corrects: original));

        var plan = await _stack.PlanAsync(correction);
        Assert.Equal(original, plan.Corrects);
        Assert.Equal(
            [(1, Audience.CounselAndFamily), (2, Audience.Sections), (3, Audience.Requesters), (4, Audience.Public)],
            plan.Waves.Select(static wave => (wave.Number, wave.Audience)));
        Assert.Equal([counsel.Name], plan.Waves[0].MandatoryRecipients);
        Assert.Equal([press.Name], plan.Waves[3].Recipients);
        Assert.Equal([true, false, false, false], plan.Waves.Select(static wave => wave.OpenedAt is not null));

        await _stack.AcknowledgeAsync(counsel, 2);
        foreach (var recipient in new[] { section, requester, press })
        {
            await _stack.MailAsync(recipient, 2);
        }

        var deliveries = (await _stack.DeliveriesAsync(correction)).ToDictionary(static delivery => delivery.Recipient, static delivery => delivery.Reason);
        Assert.Equal("was told of the decision that this one corrects", deliveries[counsel.Name]);
        Assert.Equal("recipient of the plan", deliveries[section.Name]);
        Assert.Equal(4, deliveries.Count);
    }

    [Fact]
    public async Task Tells_of_a_correction_those_too_who_are_told_of_the_original_after_it()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var (section, requester) = (await _stack.RecipientAsync(Audience.Sections), await _stack.RecipientAsync(Audience.Requesters));
        var (original, correction) = (NewDecision(), NewDecision());
        await _stack.PrepareAsync(original, ([counsel], [counsel]), ([section], []), ([requester], []));
        await _stack.PrepareAsync(correction, ([counsel], []));

        // The correction's signature overtakes the original's, as events about different things may.
        await _stack.PublishAsync(Events.DecisionSigned(correction, corrects: original));
        Assert.Equal([counsel.Name], (await _stack.DeliveriesAsync(correction)).Select(static delivery => delivery.Recipient));
        await _stack.PublishAsync(Events.DecisionSigned(original));
        var references = (await _stack.MailAsync(counsel, 2)).Select(Reference).ToList();
        foreach (var reference in references)
        {
            await _stack.Client.AcknowledgeDeliveryAsync(new AcknowledgeDeliveryRequest { Reference = reference });
        }

        await _stack.MailAsync(section, 2);
        await _stack.MailAsync(requester, 2);
        var plan = await _stack.PlanAsync(correction);
        Assert.Equal(
            [(1, Audience.CounselAndFamily), (2, Audience.Public), (3, Audience.Sections), (4, Audience.Requesters)],
            plan.Waves.Select(static wave => (wave.Number, wave.Audience)));
        Assert.All(plan.Waves, static wave => Assert.NotNull(wave.CompletedAt));
    }

    [Fact]
    public async Task Tells_of_the_correction_of_a_correction_everyone_who_was_told_of_either()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var section = await _stack.RecipientAsync(Audience.Sections);
        var (first, second, third) = (NewDecision(), NewDecision(), NewDecision());
        await _stack.PrepareAsync(first, ([section], []));
        await _stack.PublishAsync(Events.DecisionSigned(first));
        // Its wave for the section is held back behind counsel, who never answers.
        await _stack.PrepareAsync(second, ([counsel], [counsel]));
        await _stack.PublishAsync(Events.DecisionSigned(second, corrects: first));
        await _stack.PrepareAsync(third, ([counsel], []));

        await _stack.PublishAsync(Events.DecisionSigned(third, corrects: second));

        Assert.Equal([counsel.Name, section.Name], (await _stack.DeliveriesAsync(third)).Select(static delivery => delivery.Recipient).Order());
    }
}
