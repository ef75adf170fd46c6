using System.Text;
using MimeKit;

namespace Poc.Notification.Recipients;

/// <summary>
/// What may stand in the envelope and the To header of a mail. Asked at registration and again at sending, because a row may come from elsewhere.
/// </summary>
internal static class MailAddresses
{
    /// <summary>Longest address in octets (RFC 5321, section 4.5.3.1.3, without its angle brackets).</summary>
    public const int MaxOctets = 254;

    /// <summary>
    /// One plain mailbox <c>local@domain</c>: no display name, no comment, no list, no quoted local part, no control character or space that could begin
    /// another header. Narrower than RFC 5322 on purpose: what is legal there and refused here is what header injection is made of.
    /// </summary>
    public static bool IsPlain(string? address)
    {
        if (string.IsNullOrEmpty(address) || Encoding.UTF8.GetByteCount(address) > MaxOctets || address.Any(IsSpecial))
        {
            return false;
        }

        var at = address.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at == address.LastIndexOf('@') && at < address.Length - 1
            && MailboxAddress.TryParse(address, out var parsed) && parsed.Address == address && string.IsNullOrEmpty(parsed.Name);
    }

    private static bool IsSpecial(char c) => char.IsControl(c) || char.IsWhiteSpace(c) || "<>,;:\"()[]\\".Contains(c, StringComparison.Ordinal);
}
