using System.ComponentModel.DataAnnotations;

namespace Poc.Intake;

/// <summary>Settings of Intake; configuration section <c>Intake</c>. Every default suits a stack of a few replicas.</summary>
public sealed class IntakeOptions
{
    /// <summary>Submissions a second that one partner may keep up, over all replicas, where SetPartnerLimits says nothing else. Default 1,000. Beyond it, and beyond the burst: RESOURCE_EXHAUSTED (QUOTA_EXCEEDED).</summary>
    [Range(0.01, 1_000_000)]
    public double QuotaPerSecond { get; init; } = 1_000;

    /// <summary>Submissions that one partner may send at once after a quiet time. Default 2,000, five times the largest burst of the reference story.</summary>
    [Range(1, 1_000_000)]
    public int QuotaBurst { get; init; } = 2_000;

    /// <summary>How long a replica trusts what it read of an API key, a certificate or a partner's limits. Default 3 s, at most 4.5 s: a revocation is in effect everywhere within 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:04.500")]
    public TimeSpan ApiKeyCache { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often uses of API keys and certificates are written. Default 10 s; what a killed process had not written is lost.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan LastUseInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long uses of credentials are kept. Default 400 days. Older hours go.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan CredentialUseRetention { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Submissions that may wait for the database in one replica. Default 4,096. Beyond it: UNAVAILABLE (OVERLOADED), so that memory stays bounded while the database is slow.</summary>
    [Range(1, 100_000)]
    public int MaxWaiting { get; init; } = 4_096;

    /// <summary>How long the archive may take to say whether cited statements exist. Default 3 s. After it: UNAVAILABLE (ARCHIVE_UNAVAILABLE).</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:30")]
    public TimeSpan ArchiveDeadline { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a watch looks at the database by itself, should a notification have been lost. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan WatchInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Bytes that a partner's attachments may have together, as announced, while no request names them. Default 512 MiB. Beyond it: RESOURCE_EXHAUSTED
    /// (ATTACHMENT_STORAGE_FULL). What requests name does not count.
    /// </summary>
    [Range(1024L * 1024, 1L << 40)]
    public long AttachmentStorageBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>How long an attachment is kept that no request names. Default 7 days. After it its bytes go.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan AttachmentLifetime { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often a replica looks for attachments whose time is over. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "1.00:00:00")]
    public TimeSpan AttachmentSweepInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a replica looks for attachments that the archive does not have yet. Default 1 s; after a failure a file waits longer, up to 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan HandoverInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a person who was asked by mail whether a request is theirs can answer. Default 14 days. After it the code is unknown.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan SpeakerCodeLifetime { get; init; } = TimeSpan.FromDays(14);

    /// <summary>How often the replica that counts looks for requests that are not counted among campaigns yet. Default 500 ms; while there are any it does not pause.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan CampaignInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a replica looks for exports to go on with, and whoever waits for one at how it stands. Default 500 ms; while there is work it does not pause.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:05:00")]
    public TimeSpan ExportInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an export is kept, from its start. Default 7 days. After it the operation and its lines go.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan ExportLifetime { get; init; } = TimeSpan.FromDays(7);
}
