using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Poc.Notification.Deliveries;

/// <summary>One connection to the mail server, kept while there is mail to send.</summary>
internal sealed class SmtpSession(IOptions<MailOptions> options) : IDisposable
{
    private readonly SmtpClient _client = new() { Timeout = (int)options.Value.AttemptTimeout.TotalMilliseconds, LocalDomain = "localhost" };

    /// <summary>Connects, unless connected. STARTTLS is used where it is offered.</summary>
    /// <exception cref="Exception">The server cannot be reached or does not speak SMTP; see <see cref="IsTrouble"/>.</exception>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        if (!_client.IsConnected)
        {
            var (host, port) = options.Value.Server;
            await _client.ConnectAsync(host, port, SecureSocketOptions.StartTlsWhenAvailable, cancellation);
        }
    }

    /// <summary>Hands one mail over.</summary>
    /// <returns>What the server said, or how the connection broke.</returns>
    public async Task<AttemptOutcome> SendAsync(MimeMessage message, CancellationToken cancellation)
    {
        try
        {
            await _client.SendAsync(message, cancellation);
            return new AttemptOutcome(IsSent: true, "250");
        }
        catch (SmtpCommandException refusal)
        {
            // A refusal for good counts for this mail alone if it is about its recipient or its content; one about us is for an administrator to mend
            // meanwhile.
            var isFinal = (int)refusal.StatusCode >= 500 && refusal.ErrorCode is (SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted);
            return new AttemptOutcome(IsSent: false, ((int)refusal.StatusCode).ToString(CultureInfo.InvariantCulture), isFinal);
        }
        catch (OperationCanceledException)
        {
            await CloseAsync();
            return new AttemptOutcome(IsSent: false, "TIMEOUT");
        }
        catch (Exception trouble) when (IsTrouble(trouble))
        {
            await CloseAsync();
            return new AttemptOutcome(IsSent: false, "CONNECTION");
        }
    }

    /// <summary>Ends the connection; the server may be gone already.</summary>
    public async Task CloseAsync()
    {
        try
        {
            await _client.DisconnectAsync(quit: false);
        }
        catch (Exception trouble) when (IsTrouble(trouble))
        {
            // It is closed.
        }
    }

    /// <summary>The server, or the way to it, is at fault.</summary>
    public static bool IsTrouble(Exception problem) =>
        problem is IOException or SocketException or TimeoutException or SslHandshakeException
            or ProtocolException or CommandException or ServiceNotConnectedException;

    public void Dispose() => _client.Dispose();
}
