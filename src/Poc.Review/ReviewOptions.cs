using System.ComponentModel.DataAnnotations;

namespace Poc.Review;

/// <summary>Settings of Review; configuration section <c>Review</c>.</summary>
public sealed class ReviewOptions
{
    /// <summary>
    /// Folder of the protocol documents (<c>v1.yaml</c>, …), relative to the service's own folder. Default <c>Protocols</c>. A document whose version is on
    /// record with other bytes stops the start.
    /// </summary>
    [Required]
    public string ProtocolFolder { get; init; } = "Protocols";

    /// <summary>
    /// How long an answer of the public register may be kept in Redis. Default 2 s, at most 10 s: so old can an answer be when the news of a change did not
    /// reach
    /// Redis. 0 keeps nothing.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan RegisterCache { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the archive may take to verify citations. Default 5 s. After it: UNAVAILABLE (ARCHIVE_UNAVAILABLE), and nothing is signed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:30")]
    public TimeSpan ArchiveDeadline { get; init; } = TimeSpan.FromSeconds(5);
}
