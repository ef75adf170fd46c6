using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Poc.Notification;

/// <summary>What the service shows of itself: ids and codes, never whom or about what.</summary>
internal static class NotificationTelemetry
{
    /// <summary>Name of the source of activities and of the meter.</summary>
    public const string Name = "Poc.Notification";

    public static ActivitySource Source { get; } = new(Name);

    private static readonly Meter Meter = new(Name);

    /// <summary>Attempts to send mail, by <c>code</c> (the server's reply code, or a word of ours) and <c>state</c> (of the delivery after it).</summary>
    public static Counter<long> Attempts { get; } = Meter.CreateCounter<long>("poc.notification.mail.attempts", "{attempt}", "Attempts to send a mail.");

    /// <summary>Seconds from the queueing of a mail to the server's acceptance.</summary>
    public static Histogram<double> Delay { get; } =
        Meter.CreateHistogram<double>("poc.notification.mail.delay", "s", "Time from queueing a mail to its acceptance by the server.");
}
