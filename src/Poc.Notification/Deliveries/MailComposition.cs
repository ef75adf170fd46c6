using Microsoft.Extensions.Options;
using MimeKit;
using MimeKit.Text;
using Poc.Contracts.Notification.V1;
using Poc.Notification.Recipients;

namespace Poc.Notification.Deliveries;

/// <summary>A mail that is due, as the queue gave it.</summary>
/// <param name="Lease">Proves that the attempt is still ours.</param>
/// <param name="Attempt">Which attempt this is, from 1.</param>
internal sealed record DueMail(
    Guid DeliveryId, Guid Lease, int Attempt, string RecipientId, NotificationClass Class, string Reference, string Email, string Language,
    DateTimeOffset CreatedAt, string? TraceParent, string? TraceState)
{
    // A record writes out all it holds, and one of these in a log would be a person's address and a secret.
    public override string ToString() => ResourceNames.Delivery(DeliveryId);
}

/// <summary>
/// Makes the mail of a delivery. The same delivery always gives the same Message-ID, so that a mail that was sent twice is one to its reader's program.
/// </summary>
internal sealed class MailComposition(IOptions<MailOptions> mail, IOptions<NotificationOptions> notification)
{
    /// <summary>The header with the reference alone.</summary>
    public const string ReferenceHeader = "X-Poc-Reference";

    private readonly MailboxAddress _from = MailboxAddress.Parse(mail.Value.From);

    private readonly string _linkPrefix = notification.Value.PublicUrl.TrimEnd('/') + "/a/";

    /// <exception cref="UnsafeAddressException">The stored address could end the header it stands in, or is none.</exception>
    public MimeMessage Compose(DueMail due)
    {
        if (!MailAddresses.IsPlain(due.Email))
        {
            throw new UnsafeAddressException();
        }

        var (language, subject, body) = MailTexts.Write(due.Class, due.Language, _linkPrefix + due.Reference, due.Reference);
        var message = new MimeMessage
        {
            MessageId = $"{due.DeliveryId}@{_from.Domain}",
            Date = due.CreatedAt,
            Subject = subject,
            Body = new TextPart(TextFormat.Plain) { Text = body },
        };
        message.From.Add(_from);
        message.To.Add(new MailboxAddress("", due.Email));
        message.Body.Headers.Add(HeaderId.ContentLanguage, language);
        // For a recipient's program, which acknowledges by it without reading the words.
        message.Headers.Add(ReferenceHeader, due.Reference);
        // RFC 3834: no out-of-office reply to this.
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        return message;
    }
}

/// <summary>An address that must not get into a mail. It says nothing of the address, which is personal.</summary>
internal sealed class UnsafeAddressException() : Exception("The recipient's stored mail address is not one plain mailbox.");
