using System.ComponentModel.DataAnnotations;

namespace Poc.Notification;

/// <summary>Settings of the service; configuration section <c>Notification</c>.</summary>
public sealed class NotificationOptions
{
    /// <summary>
    /// Where recipients open a message: the link of a mail is <c>{PublicUrl}/a/{reference}</c>. Default http://localhost:5132, for a development stack. The
    /// page behind it calls GetAnnouncement and AcknowledgeDelivery; it must not write its paths into logs, because they hold the secret.
    /// </summary>
    [Required, Url]
    public string PublicUrl { get; init; } = "http://localhost:5132";

    /// <summary>
    /// How often a replica looks whether a watched inbox has grown, should the signal over Redis have been lost. Default 1 s. One query a replica, however many
    /// watch.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan InboxPoll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// A burst of similar requests is over when none joined it for so long. Default 24 h. Until then staff who have the request in their inbox are not mailed of it as well;
    /// urgent requests are mailed in any case. 0 mails of each.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "14.00:00:00")]
    public TimeSpan BurstEndsAfter { get; init; } = TimeSpan.FromHours(24);
}

/// <summary>How mail leaves; configuration section <c>Mail</c>.</summary>
public sealed class MailOptions
{
    /// <summary>The server that takes mail: <c>host:port</c> or <c>tcp://host:port</c>. Required. STARTTLS is used where the server offers it.</summary>
    [Required]
    public string Smtp { get; init; } = "";

    /// <summary>
    /// Sender of every mail, and by its domain the right-hand side of every Message-ID. Default no-reply@poc.example, which no real server will take.
    /// </summary>
    [Required, EmailAddress]
    public string From { get; init; } = "no-reply@poc.example";

    /// <summary>
    /// How often a mail is tried before it is given up (state DEAD, event DeliveryFailed). Default 16: with the other defaults about six hours. A server that
    /// cannot be reached costs no attempt.
    /// </summary>
    [Range(1, 100)]
    public int MaxAttempts { get; init; } = 16;

    /// <summary>The wait after the first failed attempt; doubled after each further one, with up to a fifth of it added at random. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait between two attempts. Default 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan RetryLongest { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Time for one mail from MAIL FROM to the server's answer. Default 20 s. After it the attempt has failed, although the server may still take the mail.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a mail belongs to the replica that tries it, should that die. Default 2 min; must be well above <see cref="AttemptTimeout"/>, or two replicas
    /// send the same mail.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How often the queue is looked at by itself, should a notification of the database have been lost; also the longest wait for a server that cannot be
    /// reached. Default 5 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Host and port of <see cref="Smtp"/>, which was validated at the start.</summary>
    internal (string Host, int Port) Server => (ServerUri()!.Host, ServerUri()!.Port);

    /// <summary>Whether <see cref="Smtp"/> names a host and a port.</summary>
    internal bool HasServer() => ServerUri() is { Scheme: "tcp", Host.Length: > 0, Port: > 0 };

    private Uri? ServerUri() =>
        Uri.TryCreate(Smtp.Contains("://", StringComparison.Ordinal) ? Smtp : $"tcp://{Smtp}", UriKind.Absolute, out var uri) ? uri : null;
}
