using System.Collections.Frozen;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Notification.Recipients;

/// <summary>
/// Subscribes a recipient to a kind of event. What happens on a decision before it is public is for staff alone: others are told of it in a plan's waves, or
/// would learn of an embargoed decision by the time of a message. Campaigns are for staff too.
/// </summary>
internal sealed class CreateSubscription(IdempotentWrites writes, IdSource ids)
{
    private const string RecipientSql = "SELECT audience, email IS NOT NULL, staff FROM recipients WHERE recipient_id = $1";

    private const string InsertSql = """
        INSERT INTO subscriptions (subscription_id, recipient_id, event_kind, subject, channels) VALUES ($1, $2, $3, $4, $5)
        """;

    private static readonly FrozenSet<EventKind> UnderEmbargo = [EventKind.PanelSeated, EventKind.BallotsOpened, EventKind.PanelTermEnding, EventKind.DecisionSigned];

    // That others ask for the same, or that the log may have been changed, is for staff to judge before anybody hears of it.
    private static readonly FrozenSet<EventKind> ForStaffToJudge = [EventKind.CampaignRaised, EventKind.CampaignContested, EventKind.LogAlarmRaised];

    public Task<CreateSubscriptionResponse> HandleAsync(CreateSubscriptionRequest request, Caller caller, CancellationToken cancellation)
    {
        Validate(request);
        return writes.OnceAsync(caller, request.RequestId, request, tx => StoreAsync(tx, request, caller), cancellation);
    }

    private async Task<CreateSubscriptionResponse> StoreAsync(Tx tx, CreateSubscriptionRequest request, Caller caller)
    {
        var recipientId = ResourceNames.Id(request.Parent);
        var recipient = await tx.QuerySingleOrDefaultAsync(
            RecipientSql,
            static row => new Known(EnumText<Audience>.Parse(row.GetString(0)), row.GetBoolean(1), row.IsDBNull(2) ? null : row.GetString(2)),
            recipientId);
        if (!caller.Is(Roles.Administrator) && recipient?.Staff != caller.Id)
        {
            // Also where nobody is registered: who may not subscribe others need not learn who exists.
            throw CommonErrors.RoleMissing([Roles.Administrator]);
        }

        if (recipient is null)
        {
            throw NotificationErrors.RecipientNotFound(request.Parent);
        }

        var wish = request.Subscription.Clone();
        Validate(wish, recipient);
        var id = ids.Next();
        wish.Name = ResourceNames.Subscription(recipientId, id);
        var channels = wish.Channels.Distinct().Select(EnumText<Channel>.Of).ToArray();
        await tx.ExecuteAsync(InsertSql, id, recipientId, EnumText<EventKind>.Of(wish.EventKind), wish.Subject.Length == 0 ? null : wish.Subject, channels);
        return new CreateSubscriptionResponse { Subscription = wish };
    }

    private static void Validate(CreateSubscriptionRequest request)
    {
        var wish = request.Subscription ?? new Subscription();
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("parent", request.Parent, ResourceNames.RecipientPattern)
            .Specified("subscription.event_kind", wish.EventKind)
            .Require(wish.Channels.Count > 0, "subscription.channels", "must have at least one element")
            .MaxCount("subscription.channels", wish.Channels.Count, 8);
        for (var i = 0; i < Math.Min(wish.Channels.Count, 8); i++)
        {
            violations.Specified($"subscription.channels[{i}]", wish.Channels[i]);
        }

        if (wish.Subject.Length > 0)
        {
            violations.Name("subscription.subject", wish.Subject, ResourceNames.SubjectPattern);
        }

        violations.ThrowIfAny();
    }

    private static void Validate(Subscription wish, Known recipient) => new Violations()
        .Require(recipient.HasMail || !wish.Channels.Contains(Channel.Email), "subscription.channels", "the recipient has no mail address")
        .Require(recipient.Staff is not null || !wish.Channels.Contains(Channel.Inbox), "subscription.channels", "the recipient has no inbox")
        .Require(
            recipient.Audience == Audience.Staff || !UnderEmbargo.Contains(wish.EventKind),
            "subscription.event_kind",
            "is told to staff alone before a decision is public; subscribe to EVENT_KIND_DECISION_ANNOUNCED, or be named in a plan")
        .Require(recipient.Audience == Audience.Staff || !ForStaffToJudge.Contains(wish.EventKind), "subscription.event_kind", "is told to staff alone")
        .ThrowIfAny();

    private sealed record Known(Audience Audience, bool HasMail, string? Staff);
}
