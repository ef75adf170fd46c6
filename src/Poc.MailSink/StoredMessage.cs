namespace Poc.MailSink;

/// <summary>What is known of a message without reading it again: its envelope, and the headers that a reader looks for.</summary>
/// <param name="Id">Sorts by the time of receipt.</param>
/// <param name="ReceivedAt">When it was kept, UTC.</param>
/// <param name="From">Envelope sender; empty for a bounce (<c>MAIL FROM:&lt;&gt;</c>).</param>
/// <param name="To">Envelope recipients, which are those that get it, whatever the headers say.</param>
/// <param name="Subject">Decoded; empty when there is none.</param>
/// <param name="MessageId">The header Message-ID with its angle brackets; null when there is none.</param>
/// <param name="Date">The header Date; null when there is none, or none that can be read.</param>
/// <param name="Reference">The header <c>X-Poc-Reference</c> (or any other that ends in "Reference"); null when there is none.</param>
/// <param name="Size">Bytes of the message.</param>
public sealed record StoredMessage(
    Guid Id, DateTimeOffset ReceivedAt, string From, IReadOnlyList<string> To, string Subject, string? MessageId, DateTimeOffset? Date, string? Reference, int Size);
