using System.ComponentModel.DataAnnotations;

namespace Poc.StatementArchive.Captures;

/// <summary>How captures come in; configuration section <c>Captures</c>.</summary>
public sealed class CaptureOptions
{
    /// <summary>
    /// Largest capture that comes as an upload, bytes, from 1 MiB to 64 GiB; default 4 GiB. More: INVALID_ARGUMENT. Finishing one reads and hashes it again, and must do so within
    /// <c>Grpc:MaxDeadline</c>.
    /// </summary>
    [Range(1L << 20, 64L << 30)]
    public long MaxUploadBytes { get; init; } = 4L << 30;

    /// <summary>Uploads that one person may have begun and not finished, from 1 to 1,000; default 20. More: RESOURCE_EXHAUSTED (UPLOADS_OPEN).</summary>
    [Range(1, 1_000)]
    public int MaxOpenUploads { get; init; } = 20;

    /// <summary>How long an upload waits for its next part before it is dropped, hours, from 1 to 720; default 72.</summary>
    [Range(1, 720)]
    public int UploadLifetimeHours { get; init; } = 72;

    /// <summary>Pause between two looks for uploads to drop, seconds, from 1 to 3,600; default 300.</summary>
    [Range(1, 3_600)]
    public int UploadSweepSeconds { get; init; } = 300;

    /// <summary><see cref="UploadLifetimeHours"/> as a time span.</summary>
    public TimeSpan UploadLifetime => TimeSpan.FromHours(UploadLifetimeHours);
}
