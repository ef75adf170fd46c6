using Grpc.Core;
using Poc.Contracts.Notification.V1;
using Poc.Contracts.Type.V1;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Deliveries;

public sealed class GetAnnouncementTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Gives_the_text_of_the_audience_in_the_recipients_language_or_English()
    {
        var (russian, polish) = (await _stack.RecipientAsync(Audience.Sections, "ru"), await _stack.RecipientAsync(Audience.Sections, "pl"));
        var request = PlanRequest(NewDecision(), ([russian, polish], []));
        request.RecipientPlan.Texts.Add(new ApprovedText { Audience = Audience.Sections, Text = new LocalizedText { Language = "ru", Text = "Для секций" } });
        await _stack.Client.PrepareRecipientPlanAsync(request, _stack.Spokesperson);
        await _stack.PublishAsync(Events.DecisionSigned(request.RecipientPlan.Decision));

        Assert.Equal(new LocalizedText { Language = "ru", Text = "Для секций" }, await TextAsync(russian));
        Assert.Equal(new LocalizedText { Language = "en", Text = "For SECTIONS" }, await TextAsync(polish));
    }

    [Fact]
    public async Task Knows_no_other_reference_and_no_text_of_a_subscription()
    {
        var subject = NewSubject();
        var partner = await _stack.RecipientAsync(Audience.Partners);
        await _stack.SubscribeAsync(partner, EventKind.DecisionAnnounced, subject, Channel.Email);
        await _stack.PublishAsync(Events.DecisionAnnounced(subject));
        var reference = Reference((await _stack.MailAsync(partner))[0]);

        Assert.Equal(
            (StatusCode.NotFound, "REFERENCE_UNKNOWN"),
            await RefusalAsync(_stack.Client.GetAnnouncementAsync(new GetAnnouncementRequest { Reference = reference })));
        Assert.Equal(
            (StatusCode.NotFound, "REFERENCE_UNKNOWN"),
            await RefusalAsync(_stack.Client.GetAnnouncementAsync(new GetAnnouncementRequest { Reference = "made-up" })));
        Assert.Equal(["reference"], await InvalidFieldsAsync(_stack.Client.GetAnnouncementAsync(new GetAnnouncementRequest())));
    }

    private async Task<LocalizedText> TextAsync(Recipient recipient) =>
        (await _stack.Client.GetAnnouncementAsync(new GetAnnouncementRequest { Reference = Reference((await _stack.MailAsync(recipient))[0]) })).Text;
}
