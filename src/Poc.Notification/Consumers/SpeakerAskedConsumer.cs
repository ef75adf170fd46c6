using MassTransit;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Deliveries;
using Poc.Postgres;

namespace Poc.Notification.Consumers;

/// <summary>
/// Asks a person over the mail channel that was registered for them. The mail is like any other; its reference is the code that Intake made, by which they answer there.
/// </summary>
internal sealed class SpeakerAskedConsumer(Inbox inbox, DeliveryWriter deliveries) : IConsumer<SpeakerAsked>
{
    private const string Reason = "asked";

    public Task Consume(ConsumeContext<SpeakerAsked> context) => inbox.ApplyAsync(context.Message, nameof(SpeakerAskedConsumer), AskAsync, context.CancellationToken);

    // A recipient who is not registered ends in the error queue, where somebody sees that the channel does not exist.
    private Task AskAsync(Tx tx, SpeakerAsked asked) => deliveries.WriteAsync(
        tx, new Cause(asked.EventId, EventKind.SpeakerAsked, asked.Aggregate),
        [new NewDelivery(asked.Recipient["recipients/".Length..], Channel.Email, NotificationClass.Urgent, Reason) { Reference = asked.Code }]);
}
