using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Poc.Bus;

/// <summary>Section <c>Bus</c> of the configuration. The broker's address is <c>ConnectionStrings:bus</c>.</summary>
public sealed class BusOptions
{
    /// <summary>Messages a queue hands out ahead to one replica. Default 32, 1–1000. More costs memory and makes a restart redeliver more.</summary>
    [Range(1, 1000)]
    public ushort Prefetch { get; set; } = 32;

    /// <summary>Messages of one queue that a replica works on at the same time, each with a database connection. Default 4, 1–64.</summary>
    [Range(1, 64)]
    public int Concurrency { get; set; } = 4;

    /// <summary>
    /// Pauses before a failed message is tried again in the consumer; their number is that of the retries. Default: twice at once, then after 0.2, 1 and 5 s.
    /// After the last the message goes to <c>&lt;queue&gt;_error</c>.
    /// </summary>
    public TimeSpan[] Retries { get; set; } = [];

    /// <summary>
    /// The same for failures that are the database's (<see cref="Postgres.Transience"/>), where the next message would fail as well. Default: from 1 s rising to
    /// 30 s, about 20 minutes in all; RabbitMQ closes a channel whose message stays unanswered for 30 minutes.
    /// </summary>
    public TimeSpan[] TransientRetries { get; set; } = [];

    /// <summary>How long stopping waits for messages that are being worked on. Default 15 s, 0–20 s: the process has 25 s to end. What is not finished is delivered again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:20")]
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long inbox rows are kept. Default 30 days, at least 1 day. A repetition that comes later is still ignored by its version.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan InboxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How the outbox is emptied.</summary>
    [ValidateObjectMembers]
    public OutboxOptions Outbox { get; set; } = new();

    /// <summary>What <see cref="Retries"/> is when nothing is configured. (Configured lists add to a default list instead of replacing it, so the default is not there.)</summary>
    internal TimeSpan[] RetriesOrDefault => Retries.Length > 0
        ? Retries
        : [TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];

    /// <summary>What <see cref="TransientRetries"/> is when nothing is configured.</summary>
    internal TimeSpan[] TransientRetriesOrDefault => TransientRetries.Length > 0
        ? TransientRetries
        : [.. new[] { 1, 2, 5, 10, 20 }.Concat(Enumerable.Repeat(30, 35)).Select(seconds => TimeSpan.FromSeconds(seconds))];
}

/// <summary>Section <c>Bus:Outbox</c> of the configuration.</summary>
public sealed class OutboxOptions
{
    /// <summary>Loops that relay side by side; each holds a database connection while it publishes. Default 2, 1–8.</summary>
    [Range(1, 8)]
    public int Workers { get; set; } = 2;

    /// <summary>Aggregates taken at once; their events are published side by side. Default 200, 1–1000.</summary>
    [Range(1, 1000)]
    public int Aggregates { get; set; } = 200;

    /// <summary>Events of one aggregate taken at once; they are published one after the other. Default 20, 1–1000.</summary>
    [Range(1, 1000)]
    public int Run { get; set; } = 20;

    /// <summary>
    /// How long a relay that has published all there was lets new events gather before it looks again. Default 25 ms, 0–1 s. The first event after a quiet time does
    /// not wait for it; less costs the database a transaction for every few events of a burst, at the expense of those who write them.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>How long one event may wait for the broker's confirm before it is put back. Default 10 s, 0.1–60 s. Under a disk alarm the broker is silent, and says nothing.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan PublishDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an idle relay waits at most before it looks again although nobody woke it. Default 1 s, 0.01–60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "00:01:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest pause before an event that could not be published is tried again; the first is 0.5 s and doubles. Default 30 s, 0.1 s–1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long an event whose type this version does not know is left to replicas of a later version, which a rolling update starts beside this one. After that
    /// it is quarantined. Default 5 minutes, 0–1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan UnknownTypeGrace { get; set; } = TimeSpan.FromMinutes(5);
}
