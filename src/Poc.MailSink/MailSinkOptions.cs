using System.ComponentModel.DataAnnotations;

namespace Poc.MailSink;

/// <summary>Settings of the mail sink; configuration section <c>MailSink</c>.</summary>
public sealed class MailSinkOptions
{
    /// <summary>Port of the SMTP server, on the loopback address only. Default 5141; 0: any free port, which the log names.</summary>
    [Range(0, 65535)]
    public int SmtpPort { get; init; } = 5141;

    /// <summary>
    /// Where messages are kept. Default: <c>.poc/mail</c> in the nearest folder at or above the content root that contains <c>Poc.sln</c>, else in the content
    /// root.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>Largest message, in bytes as it is sent without the dots that SMTP adds. Default 10 MiB. More: 552, and nothing is kept.</summary>
    [Range(1024, 100 * 1024 * 1024)]
    public int MaxMessageBytes { get; init; } = 10 * 1024 * 1024;

    /// <summary>Most recipients of one message. Default 1000. More: 452 for each further one.</summary>
    [Range(1, 10_000)]
    public int MaxRecipients { get; init; } = 1000;

    /// <summary>Most sessions at a time. Default 200. More: 421, and the connection is closed.</summary>
    [Range(1, 10_000)]
    public int MaxSessions { get; init; } = 200;

    /// <summary>A session that says nothing for this long is closed with 421. Default 5 min (RFC 5321, 4.5.3.2.7).</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromMinutes(5);
}
