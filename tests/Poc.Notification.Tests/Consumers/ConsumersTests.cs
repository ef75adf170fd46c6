using Grpc.Core;
using Poc.Contracts.Events;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;

namespace Poc.Notification.Tests.Consumers;

public sealed class ConsumersTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Tells_a_subscriber_of_every_kind_of_event_about_the_subject_and_of_no_other()
    {
        var subject = NotificationStack.NewSubject();
        var officer = await _stack.RecipientAsync(Audience.Staff);
        foreach (var kind in Enum.GetValues<EventKind>().Where(static kind => kind != EventKind.Unspecified))
        {
            await _stack.SubscribeAsync(officer, kind, subject, Channel.Inbox);
        }

        var other = NotificationStack.NewSubject();
        await _stack.PublishAsync(Events.RequestReceived(other));
        var received = Events.RequestReceived(subject);
        await _stack.PublishAsync(received);
        await _stack.PublishAsync(Events.StatementRecorded(subject));
        await _stack.PublishAsync(Events.DossierOpened(subject));
        await _stack.PublishAsync(Events.PanelSeated(subject));
        await _stack.PublishAsync(Events.BallotsOpened(subject));
        await _stack.PublishAsync(Events.DecisionSigned(NotificationStack.NewDecision(), subject: subject));
        await _stack.PublishAsync(Events.DecisionAnnounced(subject));
        await _stack.PublishAsync(Events.AppealFiled(subject));
        var raised = Events.CampaignRaised(subject);
        await _stack.PublishAsync(Events.CampaignRaised(other));
        await _stack.PublishAsync(raised);
        await _stack.PublishAsync(Events.CampaignContested(raised.Aggregate, subject));

        var items = await _stack.InboxAsync(officer);
        Assert.Equal(
            [
                EventKind.RequestReceived, EventKind.StatementRecorded, EventKind.DossierOpened, EventKind.PanelSeated, EventKind.BallotsOpened, EventKind.DecisionSigned,
                EventKind.DecisionAnnounced, EventKind.AppealFiled, EventKind.CampaignRaised, EventKind.CampaignContested,
            ],
            items.Select(static item => item.EventKind));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], items.Select(static item => item.Cursor));
        Assert.All(items, static item => Assert.Equal(
            (item.EventKind == EventKind.CampaignRaised ? NotificationClass.Urgent : NotificationClass.Normal, "subscribed"), (item.NotificationClass, item.Reason)));
        Assert.Equal((received.Aggregate, received.EventId.ToString()), (items[0].Resource, items[0].EventId));
    }

    [Fact]
    public async Task Asks_a_person_over_their_mail_with_the_code_that_answers_and_tells_nobody_else()
    {
        var counsel = await _stack.RecipientAsync(Audience.CounselAndFamily);
        var officer = await _stack.RecipientAsync(Audience.Staff);
        await _stack.SubscribeAsync(officer, EventKind.SpeakerAsked, "", Channel.Inbox);
        var code = NotificationStack.NewId("code");

        await _stack.PublishAsync(new SpeakerAsked(Guid.CreateVersion7(), $"speakerChecks/{Guid.CreateVersion7()}", 1, TimeProvider.System.GetUtcNow(), counsel.Name, code));

        var mail = Assert.Single(await _stack.MailAsync(counsel));
        Assert.Equal(code, NotificationStack.Reference(mail));
        Assert.Contains(code, mail.TextBody, StringComparison.Ordinal);
        Assert.Empty(await _stack.InboxAsync(officer));
    }

    [Fact]
    public async Task Tells_of_an_impostor_urgently()
    {
        var subject = NotificationStack.NewSubject();
        var officer = await _stack.RecipientAsync(Audience.Staff);
        await _stack.SubscribeAsync(officer, EventKind.ImpostorIncidentOpened, subject, Channel.Inbox);

        await _stack.PublishAsync(new ImpostorIncidentOpened(Guid.CreateVersion7(), $"impostorIncidents/{Guid.CreateVersion7()}", 1, TimeProvider.System.GetUtcNow(), subject, null, null));

        var item = Assert.Single(await _stack.InboxAsync(officer));
        Assert.Equal((EventKind.ImpostorIncidentOpened, NotificationClass.Urgent), (item.EventKind, item.NotificationClass));
    }

    [Fact]
    public async Task Tells_whoever_may_be_called_next_of_an_impostor_by_their_role()
    {
        var speaks = await _stack.RecipientAsync(Audience.Staff, roles: Roles.Spokesperson);
        var reviews = await _stack.RecipientAsync(Audience.Staff, roles: Roles.Reviewer);
        var incident = new ImpostorIncidentOpened(Guid.CreateVersion7(), $"impostorIncidents/{Guid.CreateVersion7()}", 1, TimeProvider.System.GetUtcNow(), NotificationStack.NewSubject(), null, null);

        await _stack.PublishAsync(incident);

        var item = Assert.Single(await _stack.InboxAsync(speaks), item => item.Resource == incident.Aggregate);
        Assert.Equal((NotificationClass.Urgent, "mandatory recipient"), (item.NotificationClass, item.Reason));
        Assert.Empty(await _stack.InboxAsync(reviews));
    }

    [Fact]
    public async Task Tells_auditors_and_administrators_of_an_alarm_about_the_log_by_mail_and_staff_alone()
    {
        var audits = await _stack.RecipientAsync(Audience.Staff, email: $"{NotificationStack.NewId("auditor")}@story.example", roles: Roles.Auditor);
        var administers = await _stack.RecipientAsync(Audience.Staff, roles: Roles.Administrator);
        var reviews = await _stack.RecipientAsync(Audience.Staff, roles: Roles.Reviewer);
        var partner = await _stack.RecipientAsync(Audience.Partners);
        var alarm = new LogAlarmRaised(Guid.CreateVersion7(), $"audits/{Guid.CreateVersion7()}", 1, TimeProvider.System.GetUtcNow(), LogAlarmRaised.ByAudit);

        await _stack.PublishAsync(alarm);
        await _stack.PublishAsync(alarm);

        foreach (var told in (Recipient[])[audits, administers])
        {
            var item = Assert.Single(await _stack.InboxAsync(told), item => item.Resource == alarm.Aggregate);
            Assert.Equal((EventKind.LogAlarmRaised, NotificationClass.Urgent, "mandatory recipient"), (item.EventKind, item.NotificationClass, item.Reason));
        }

        Assert.Empty(await _stack.InboxAsync(reviews));
        Assert.Single(await _stack.DeliveriesToAsync(audits), delivery => delivery.Channel == Channel.Email);
        await Assert.ThrowsAsync<RpcException>(() => _stack.SubscribeAsync(partner, EventKind.LogAlarmRaised, "", Channel.Email));
    }

    [Fact]
    public async Task Tells_of_a_campaign_with_one_message_and_staff_alone()
    {
        var subject = NotificationStack.NewSubject();
        var officer = await _stack.RecipientAsync(Audience.Staff, email: $"{NotificationStack.NewId("officer")}@story.example", roles: Roles.IntakeOfficer);
        var chair = await _stack.RecipientAsync(Audience.Staff, roles: [Roles.Reviewer, Roles.PanelChair]);
        var watcher = await _stack.RecipientAsync(Audience.Staff);
        await _stack.SubscribeAsync(watcher, EventKind.RequestReceived, subject, Channel.Inbox);
        var reviewer = await _stack.RecipientAsync(Audience.Staff, roles: Roles.Reviewer);
        var partner = await _stack.RecipientAsync(Audience.Partners);
        await _stack.SubscribeAsync(partner, EventKind.RequestReceived, subject, Channel.Email);
        var raised = Events.CampaignRaised(subject);

        await _stack.PublishAsync(Events.CampaignRequestsJoined(raised.Aggregate));
        await _stack.PublishAsync(raised);
        await _stack.PublishAsync(Events.CampaignRequestsJoined(raised.Aggregate, 2));
        await _stack.PublishAsync(raised);
        await _stack.PublishAsync(Events.CampaignContested(raised.Aggregate, subject));

        Assert.Equal(
            [(EventKind.CampaignRaised, NotificationClass.Urgent, "mandatory recipient"), (EventKind.CampaignContested, NotificationClass.Normal, "mandatory recipient")],
            await OfAsync(officer));
        Assert.Equal(2, (await _stack.DeliveriesToAsync(officer)).Count(static delivery => delivery.Channel == Channel.Email));
        Assert.Equal([(EventKind.CampaignRaised, NotificationClass.Urgent, "mandatory recipient")], await OfAsync(chair));
        Assert.Equal([(EventKind.CampaignRaised, NotificationClass.Urgent, "subscribed")], await OfAsync(watcher));
        Assert.Empty(await _stack.InboxAsync(reviewer));
        Assert.Empty(await _stack.DeliveriesToAsync(partner));

        async Task<IEnumerable<(EventKind, NotificationClass, string)>> OfAsync(Recipient recipient) =>
            (await _stack.InboxAsync(recipient)).Where(item => item.Resource == raised.Aggregate).Select(static item => (item.EventKind, item.NotificationClass, item.Reason));
    }

    [Fact]
    public async Task Mails_no_request_by_itself_while_a_burst_about_its_subject_is_open()
    {
        var (subject, other) = (NotificationStack.NewSubject(), NotificationStack.NewSubject());
        var both = await _stack.RecipientAsync(Audience.Staff, email: $"{NotificationStack.NewId("both")}@story.example");
        var mailAlone = await _stack.RecipientAsync(Audience.Staff, email: $"{NotificationStack.NewId("mail")}@story.example");
        var partner = await _stack.RecipientAsync(Audience.Partners);
        foreach (var about in (string[])[subject, other])
        {
            await _stack.SubscribeAsync(both, EventKind.RequestReceived, about, Channel.Inbox, Channel.Email);
            await _stack.SubscribeAsync(mailAlone, EventKind.RequestReceived, about, Channel.Email);
            await _stack.SubscribeAsync(partner, EventKind.RequestReceived, about, Channel.Email);
        }

        var raised = Events.CampaignRaised(subject);
        await _stack.PublishAsync(raised);
        await _stack.PublishAsync(Events.CampaignRequestsJoined(raised.Aggregate));
        await _stack.PublishAsync(Events.RequestReceived(subject));
        Assert.Equal((2, 1), await CountAsync(both)); // the burst over both, the request in the inbox
        Assert.Equal((0, 2), await CountAsync(mailAlone)); // nothing is lost on who has no inbox of it
        Assert.Equal((0, 1), await CountAsync(partner));

        await _stack.PublishAsync(Events.RequestReceived(subject, urgent: true));
        await _stack.PublishAsync(Events.RequestReceived(other));
        Assert.Equal((4, 3), await CountAsync(both));

        await _stack.Database.ExecuteAsync("UPDATE bursts SET last_at = now() - interval '25 hours' WHERE campaign = $1", raised.Aggregate);
        await _stack.PublishAsync(Events.RequestReceived(subject));
        Assert.Equal((5, 4), await CountAsync(both));

        async Task<(int Inbox, int Mail)> CountAsync(Recipient recipient)
        {
            var deliveries = await _stack.DeliveriesToAsync(recipient);
            return (deliveries.Count(static delivery => delivery.Channel == Channel.Inbox), deliveries.Count(static delivery => delivery.Channel == Channel.Email));
        }
    }

    [Fact]
    public async Task Tells_of_an_urgent_request_urgently()
    {
        var subject = NotificationStack.NewSubject();
        var officer = await _stack.RecipientAsync(Audience.Staff);
        await _stack.SubscribeAsync(officer, EventKind.RequestReceived, subject, Channel.Inbox);

        await _stack.PublishAsync(Events.RequestReceived(subject, urgent: true));

        Assert.Equal(NotificationClass.Urgent, Assert.Single(await _stack.InboxAsync(officer)).NotificationClass);
    }

    [Fact]
    public async Task Tells_panel_members_as_their_duty_without_a_subscription_over_all_their_channels()
    {
        var member = await _stack.RecipientAsync(Audience.Staff, email: $"{NotificationStack.NewId("member")}@story.example");
        var subject = NotificationStack.NewSubject();
        await _stack.SubscribeAsync(member, EventKind.PanelSeated, subject, Channel.Inbox);

        await _stack.PublishAsync(Events.PanelSeated(subject, member.Staff));
        await _stack.PublishAsync(Events.BallotsOpened(subject, member.Staff));

        var items = await _stack.InboxAsync(member);
        Assert.Equal([EventKind.PanelSeated, EventKind.BallotsOpened], items.Select(static item => item.EventKind));
        Assert.All(items, static item => Assert.Equal((NotificationClass.Duty, "panel member"), (item.NotificationClass, item.Reason)));
        await _stack.MailAsync(member, 2);
    }

    [Fact]
    public async Task Reminds_members_of_their_term_and_tells_chairs_alone_when_it_has_ended()
    {
        var member = await _stack.RecipientAsync(Audience.Staff, email: $"{NotificationStack.NewId("member")}@story.example");
        var chair = await _stack.RecipientAsync(Audience.Staff, email: $"{NotificationStack.NewId("chair")}@story.example", roles: Roles.PanelChair);
        var subject = NotificationStack.NewSubject();
        var near = Events.PanelTermEnding(subject, lapsed: false, member.Staff);
        var lapsed = Events.PanelTermEnding(subject, lapsed: true, member.Staff) with { Aggregate = near.Aggregate, Version = 2 };
        await ThriceAsync(_stack, near);
        await ThriceAsync(_stack, lapsed);

        var reminded = Assert.Single(await _stack.InboxAsync(member));
        Assert.Equal((EventKind.PanelTermEnding, NotificationClass.Duty, "panel member", near.EventId.ToString()), (reminded.EventKind, reminded.NotificationClass, reminded.Reason, reminded.EventId));
        var told = Assert.Single(await _stack.InboxAsync(chair), item => item.Resource == lapsed.Aggregate);
        Assert.Equal((EventKind.PanelTermEnding, NotificationClass.Urgent, "mandatory recipient", lapsed.EventId.ToString()), (told.EventKind, told.NotificationClass, told.Reason, told.EventId));
        await _stack.MailAsync(member, 1);
        Assert.Contains(await _stack.DeliveriesToAsync(chair), static delivery => delivery.Channel == Channel.Email && delivery.NotificationClass == NotificationClass.Urgent);
    }

    [Fact]
    public async Task Keeps_the_duties_of_a_member_who_is_not_registered_yet_until_they_are()
    {
        var (subject, staff) = (NotificationStack.NewSubject(), $"staff/{NotificationStack.NewId("late")}");
        var (seated, opened) = (Events.PanelSeated(subject, staff), Events.BallotsOpened(subject, staff));
        await _stack.PublishAsync(seated);
        await _stack.PublishAsync(seated);
        await _stack.PublishAsync(opened);
        Assert.Contains(_stack.Evidence.Lines, line => line.Contains($"{staff} has a duty", StringComparison.Ordinal));

        var member = await _stack.RecipientAsync(Audience.Staff, email: $"{NotificationStack.NewId("late")}@story.example", staff: staff);

        var items = await _stack.InboxAsync(member);
        Assert.Equal([seated.Aggregate, opened.Aggregate], items.Select(static item => item.Resource));
        Assert.All(items, static item => Assert.Equal((NotificationClass.Duty, "panel member"), (item.NotificationClass, item.Reason)));
        await _stack.MailAsync(member, 2);
    }

    [Fact]
    public async Task Loses_no_duty_when_it_comes_while_the_member_is_being_registered()
    {
        for (var round = 0; round < 10; round++)
        {
            var staff = $"staff/{NotificationStack.NewId("racing")}";
            var registering = _stack.RecipientAsync(Audience.Staff, staff: staff);
            await Task.WhenAll(registering, _stack.PublishAsync(Events.PanelSeated(NotificationStack.NewSubject(), staff)));

            Assert.Single(await _stack.InboxAsync(await registering));
        }
    }

    [Fact]
    public async Task Tells_nobody_twice_however_often_an_event_comes()
    {
        // A stack of its own, because it subscribes to all subjects.
        await using var stack = await NotificationStack.StartAsync();
        var subject = NotificationStack.NewSubject();
        var member = await stack.RecipientAsync(Audience.Staff, email: $"{NotificationStack.NewId("member")}@story.example");
        foreach (var kind in Enum.GetValues<EventKind>().Where(static kind => kind != EventKind.Unspecified))
        {
            await stack.SubscribeAsync(member, kind, subject, Channel.Inbox, Channel.Email);
            await stack.SubscribeAsync(member, kind, "", Channel.Inbox);
        }

        await ThriceAsync(stack, Events.RequestReceived(subject));
        await ThriceAsync(stack, Events.StatementRecorded(subject));
        await ThriceAsync(stack, Events.DossierOpened(subject));
        await ThriceAsync(stack, Events.PanelSeated(subject, member.Staff));
        await ThriceAsync(stack, Events.BallotsOpened(subject, member.Staff));
        await ThriceAsync(stack, Events.DecisionSigned(NotificationStack.NewDecision(), subject: subject));
        await ThriceAsync(stack, Events.DecisionAnnounced(subject));
        await ThriceAsync(stack, Events.AppealFiled(subject));
        var raised = Events.CampaignRaised(subject);
        await ThriceAsync(stack, raised);
        await ThriceAsync(stack, Events.CampaignContested(raised.Aggregate, subject));

        var items = await stack.InboxAsync(member);
        Assert.Equal(10, items.Count);
        Assert.Equal(10, items.Select(static item => item.EventId).Distinct().Count());
        Assert.Equal(10, (await stack.MailAsync(member, 10)).Select(static mail => mail.MessageId).Distinct().Count());
        Assert.Equal(20, (await stack.DeliveriesToAsync(member)).Count);
    }

    [Fact]
    public async Task Tells_nobody_twice_of_an_event_that_comes_with_its_inbox_row_forgotten()
    {
        var subject = NotificationStack.NewSubject();
        var officer = await _stack.RecipientAsync(Audience.Staff);
        await _stack.SubscribeAsync(officer, EventKind.DossierOpened, subject, Channel.Inbox);
        var opened = Events.DossierOpened(subject);
        await _stack.PublishAsync(opened);
        await _stack.Database.ExecuteAsync("DELETE FROM inbox WHERE event_id = $1", opened.EventId);
        await _stack.Database.ExecuteAsync("DELETE FROM inbox_versions WHERE aggregate = $1", opened.Aggregate);

        await _stack.PublishAsync(opened);

        Assert.Single(await _stack.InboxAsync(officer));
    }

    private static async Task ThriceAsync<TEvent>(NotificationStack stack, TEvent @event) where TEvent : class, IEvent
    {
        await Task.WhenAll(stack.PublishAsync(@event), stack.PublishAsync(@event));
        await stack.PublishAsync(@event);
    }
}
