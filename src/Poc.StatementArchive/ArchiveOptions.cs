using System.ComponentModel.DataAnnotations;

namespace Poc.StatementArchive;

/// <summary>The log's identity and pace; configuration section <c>Log</c>.</summary>
public sealed class ArchiveOptions
{
    /// <summary>
    /// The 32-byte seed of the Ed25519 key that signs checkpoints, base64. Required. All replicas have the same; a key other than the one that signed the log's
    /// first checkpoint is refused.
    /// </summary>
    [Required]
    public string PrivateKey { get; init; } = "";

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
}
