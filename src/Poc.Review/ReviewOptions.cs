using System.ComponentModel.DataAnnotations;

namespace Poc.Review;

/// <summary>Settings of Review; configuration section <c>Review</c>.</summary>
public sealed class ReviewOptions
{
    /// <summary>
    /// Folder of the protocol documents (<c>*.yaml</c>, folders in it are not read): the organisation's own as an absolute path, or relative to the service's
    /// own folder. Default <c>Protocols</c>. Errors of any document stop the start (<c>poc protocol check</c> finds them before), and so does one whose version
    /// is on record with other bytes. To begin with rules of one's own, set it before the first start: what was recorded stays.
    /// </summary>
    [Required]
    public string ProtocolFolder { get; init; } = "Protocols";

    /// <summary>
    /// How long an answer of the public register may be kept, in Redis and in memory (64 MiB). Default and at most 10 min; 0 keeps nothing. A change ends what is kept about it whatever
    /// this is (<see cref="RegisterScan"/>).
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan RegisterCache { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How often each replica looks for changes of the register that it did not make itself. Default 1 s: so old can its answers be.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:10")]
    public TimeSpan RegisterScan { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the archive may take to verify citations. Default 5 s. After it: UNAVAILABLE (ARCHIVE_UNAVAILABLE), and nothing is signed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:30")]
    public TimeSpan ArchiveDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long Intake may take to say what a request repeats, or what requests say of their own. Default 10 s. After it the request waits, or UNAVAILABLE (INTAKE_UNAVAILABLE).</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:30")]
    public TimeSpan IntakeDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// When a request is looked at again that waits for Intake's answer; doubled after each attempt in vain, up to a hundred times as long. Default 5 s. Meanwhile it is
    /// neither admissible nor inadmissible.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:05:00")]
    public TimeSpan IntakeRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long before the end of a term members are reminded whose ballot is outstanding. Default 2 days; a shorter term is told of when it begins. 0 reminds nobody before the end.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan TermReminder { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How often terms are looked at. Default 1 min: so late can a reminder be.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan TermScan { get; init; } = TimeSpan.FromMinutes(1);
}
