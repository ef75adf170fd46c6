using System.Text;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Testing;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests;

/// <summary>Plants unique strings where persons, texts and outcomes stand, drives every way out of the service, and searches what came out.</summary>
public sealed class CanaryTests
{
    [Fact]
    public async Task No_person_text_or_outcome_gets_into_mail_logs_or_traces()
    {
        await using var stack = await StartAsync(settings: ["Mail:MaxAttempts=2"]);
        var canary = $"canary{Guid.CreateVersion7():N}"[..24];
        var subject = $"subjects/{canary}-subject";
        var decision = NewDecision();
        var counsel = await RegisterAsync(stack, canary, Audience.CounselAndFamily, "ru");
        var section = await RegisterAsync(stack, canary, Audience.Sections, "de");
        var officer = await RegisterAsync(stack, canary, Audience.Staff, "en");
        foreach (var kind in Enum.GetValues<EventKind>().Where(static kind => kind != EventKind.Unspecified))
        {
            await stack.SubscribeAsync(officer, kind, subject, Channel.Email, Channel.Inbox);
        }

        var plan = PlanRequest(decision, ([counsel], [counsel]), ([section], [section]));
        foreach (var text in plan.RecipientPlan.Texts)
        {
            text.Text.Text = $"{canary}-text";
        }

        await stack.Client.PrepareRecipientPlanAsync(plan, stack.Spokesperson);
        stack.Mail.RefuseNext(1);
        await stack.PublishAsync(Events.RequestReceived(subject) with { Partner = $"partners/{canary}-partner", Language = "xx" });
        await stack.PublishAsync(Events.StatementRecorded(subject));
        var raised = Events.CampaignRaised(subject) with { Detector = $"{canary}-text" };
        await stack.PublishAsync(raised);
        await stack.PublishAsync(Events.CampaignRequestsJoined(raised.Aggregate));
        await stack.PublishAsync(Events.CampaignContested(raised.Aggregate, subject));
        await stack.PublishAsync(Events.PanelSeated(subject, officer.Staff));
        await stack.PublishAsync(Events.DecisionSigned(decision, subject: subject) with { Outcome = $"{canary}-outcome" });
        await stack.PublishAsync(Events.DecisionAnnounced(subject) with { Outcome = $"{canary}-outcome" });
        await stack.AcknowledgeAsync(counsel);
        var references = new List<string>();
        foreach (var recipient in new[] { counsel, section })
        {
            var reference = Reference((await stack.MailAsync(recipient))[0]);
            references.Add(reference);
            Assert.Equal($"{canary}-text", (await stack.Client.GetAnnouncementAsync(new GetAnnouncementRequest { Reference = reference })).Text.Text);
        }

        await stack.Client.EnterLeakModeAsync(
            new EnterLeakModeRequest { RequestId = NewRequestId(), Plan = PlanName(decision), Reason = $"{canary}-reason" }, stack.Spokesperson);
        await stack.MailAsync(officer, 7);
        await Eventually.BecomesTrueAsync(
            () => stack.Evidence.Activities.Count(static activity => activity.OperationName == "send mail") >= 10, what: "every attempt has left its trace");

        var mails = await stack.Mail.BytesAsync();
        Assert.Equal(9, mails.Count);
        foreach (var mail in mails)
        {
            var text = Encoding.UTF8.GetString(mail);
            // The recipient's own address is the one thing that may hold it: take it away, then nothing may be left.
            foreach (var recipient in new[] { counsel, section, officer })
            {
                text = text.Replace(recipient.Email, "", StringComparison.Ordinal);
            }

            Assert.DoesNotContain(canary, text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("LABEL_WITHDRAWN", text, StringComparison.OrdinalIgnoreCase);
        }

        // In logs and traces ids may stand (the subject's and the partner's are such), never a person, a text, an outcome, a reason or a secret.
        foreach (var text in stack.Evidence.Texts)
        {
            foreach (var kept in new[] { "-text", "-outcome", "-reason", "-person", "-address" })
            {
                Assert.DoesNotContain($"{canary}{kept}", text, StringComparison.OrdinalIgnoreCase);
            }

            foreach (var reference in references)
            {
                Assert.DoesNotContain(reference, text, StringComparison.Ordinal);
            }
        }

        // The search would have found something: ids are there.
        Assert.Contains(stack.Evidence.Texts, text => text.Contains("deliveries/", StringComparison.Ordinal));
    }

    private static async Task<Recipient> RegisterAsync(NotificationStack stack, string canary, Audience audience, string language)
    {
        var id = NewId("r");
        return (await stack.Client.CreateRecipientAsync(
            new CreateRecipientRequest
            {
                RequestId = NewRequestId(),
                RecipientId = id,
                Recipient = new Recipient
                {
                    DisplayName = $"{canary}-person",
                    Audience = audience,
                    Email = $"{canary}-address-{id}@story.example",
                    Language = language,
                    Staff = audience == Audience.Staff ? $"staff/{id}" : "",
                    Synthetic = true,
                    Roles = { audience == Audience.Staff ? [Roles.IntakeOfficer] : Array.Empty<string>() },
                },
            },
            stack.Administrator)).Recipient;
    }
}
