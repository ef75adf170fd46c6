using System.ComponentModel.DataAnnotations;

namespace Poc.StatementArchive;

/// <summary>The log's identity and pace; configuration section <c>Log</c>.</summary>
public sealed class ArchiveOptions
{
    /// <summary>
    /// The 32-byte seed of the Ed25519 key that signs checkpoints, base64. Required. All replicas have the same; a key that is neither the one that signed the log's
    /// first checkpoint nor was declared since (<see cref="NextPrivateKey"/>) is refused.
    /// </summary>
    [Required]
    public string PrivateKey { get; init; } = "";

    /// <summary>
    /// The seed of the key that is to follow <see cref="PrivateKey"/>, base64; default none. Declares the change by an entry of the log; from there on each checkpoint is signed
    /// by both keys, until this key becomes <see cref="PrivateKey"/>. A key that the log ever had is refused.
    /// </summary>
    public string NextPrivateKey { get; init; } = "";

    /// <summary>
    /// Verifier keys of all the keys that the log had before <see cref="PrivateKey"/>, by which its older checkpoints are verified; default none. Nothing is signed while one
    /// of them is missing.
    /// </summary>
    public IReadOnlyList<string> FormerVerifierKeys { get; init; } = [];

    /// <summary>
    /// Name of the log: first line of its checkpoints and name of its key. A schema-less URL without white space or plus signs; default
    /// <c>poc.example/log</c>. Fixed with the first checkpoint.
    /// </summary>
    [Required, RegularExpression(@"[^\s+]+")]
    public string Origin { get; init; } = "poc.example/log";

    /// <summary>
    /// Pause between two looks for new entries, milliseconds, from 10 to 1,000; default 250. A checkpoint follows an entry by about as much; a shorter pause
    /// means more checkpoints and more commits.
    /// </summary>
    [Range(10, 1_000)]
    public int CheckpointIntervalMs { get; init; } = 250;

    /// <summary>
    /// How long a proof waits for the checkpoint that covers its entry, milliseconds, from 0 to 30,000; default 3,000. Beyond it the answer is UNAVAILABLE
    /// (CHECKPOINT_PENDING), which clients try again.
    /// </summary>
    [Range(0, 30_000)]
    public int ProofPatienceMs { get; init; } = 3_000;

    /// <summary>
    /// Witnesses that are sent every new checkpoint; default none, and then nobody but those who compare checkpoints can see that two readers are shown two logs.
    /// </summary>
    public IReadOnlyList<WitnessOptions> Witnesses { get; init; } = [];

    /// <summary>
    /// Pause between two looks for a checkpoint that a witness has not cosigned, milliseconds, from 50 to 60,000; default 1,000. After failures it grows to at
    /// most 60 times as much.
    /// </summary>
    [Range(50, 60_000)]
    public int WitnessIntervalMs { get; init; } = 1_000;

    /// <summary>How long a checkpoint may wait for a witness before the check "witnesses" is degraded, seconds, from 1 to 604,800; default 300.</summary>
    [Range(1, 604_800)]
    public int WitnessPatienceSeconds { get; init; } = 300;

    /// <summary>
    /// From the beginning of one audit to that of the next, minutes, from 1 to 44,640; default 1,440, a day. An audit that takes longer is followed by the next at once.
    /// </summary>
    [Range(1, 44_640)]
    public int AuditPeriodMinutes { get; init; } = 1_440;

    /// <summary>
    /// How many things (entries, nodes, statements…) an audit reads a second at most, from 1 to 1,000,000; default 2,000. A lower number spares the database and makes an audit
    /// take longer.
    /// </summary>
    [Range(1, 1_000_000)]
    public int AuditItemsPerSecond { get; init; } = 2_000;

    /// <summary>
    /// Time-stamp authorities (RFC 3161) that stamp checkpoints; default none, and then only the archive's own clock says since when an entry exists.
    /// </summary>
    public IReadOnlyList<TimeStampAuthorityOptions> TimeStampAuthorities { get; init; } = [];

    /// <summary>
    /// Shortest time between two stamps of one authority, seconds, from 1 to 604,800; default 3,600. Exports have their own checkpoint stamped besides. An entry's
    /// time is known as sharply as this.
    /// </summary>
    [Range(1, 604_800)]
    public int TimeStampIntervalSeconds { get; init; } = 3_600;

    /// <summary>How long beyond that a checkpoint may wait for a stamp before the check "timestamps" is degraded, seconds, from 1 to 604,800; default 900.</summary>
    [Range(1, 604_800)]
    public int TimeStampPatienceSeconds { get; init; } = 900;
}

/// <summary>A time-stamp authority (RFC 3161).</summary>
public sealed class TimeStampAuthorityOptions
{
    /// <summary>As its stamps are filed: 1 to 40 lower-case letters, digits and hyphens. Required, and never given to another authority.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where it takes requests. Required.</summary>
    public string Url { get; init; } = "";

    /// <summary>File with the certificate, PEM or DER, that its signer's certificate must lead to. Required.</summary>
    public string CertificateFile { get; init; } = "";
}

/// <summary>A witness of the log (C2SP tlog-witness).</summary>
public sealed class WitnessOptions
{
    /// <summary>Its verifier key, of the type for cosignatures: <c>name+id+base64</c>. Required.</summary>
    public string VerifierKey { get; init; } = "";

    /// <summary>Where it listens, without <c>/add-checkpoint</c>. Required.</summary>
    public string Url { get; init; } = "";
}
