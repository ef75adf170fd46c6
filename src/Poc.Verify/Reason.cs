namespace Poc.Verify;

/// <summary>Why something is not verified: a closed set, printed in snake case. docs/verify.md says what each means.</summary>
internal enum Reason
{
    /// <summary>An input is not written as its format says.</summary>
    Malformed,

    /// <summary>An input says something that this program does not know, so it cannot vouch for it.</summary>
    Unknown,

    /// <summary>A hash has another length than 32 bytes.</summary>
    HashLength,

    /// <summary>A leaf's index is not in the tree.</summary>
    IndexOutOfRange,

    /// <summary>A size from which nothing can be proven, or a second tree smaller than the first.</summary>
    SizeOutOfRange,

    /// <summary>A proof has fewer or more hashes than its sizes need.</summary>
    ProofLength,

    /// <summary>Hashes do not lead to the root that was claimed or signed.</summary>
    RootMismatch,

    /// <summary>A verifier key is not one.</summary>
    KeyMalformed,

    /// <summary>A trusted key's signature is wrong.</summary>
    SignatureWrong,

    /// <summary>No trusted key has signed.</summary>
    NotSigned,

    /// <summary>A checkpoint is of another log.</summary>
    OriginMismatch,

    /// <summary>A file that must be there is not.</summary>
    FileMissing,

    /// <summary>A file is there that nothing accounts for.</summary>
    FileUnexpected,

    /// <summary>A tile is not what its entries, or the tiles below it, hash to.</summary>
    TileMismatch,

    /// <summary>An entry bundle is not as many whole entries as its place says.</summary>
    BundleMalformed,

    /// <summary>A file's digest is not the one its manifest lists.</summary>
    DigestMismatch,

    /// <summary>A manifest uses an algorithm that this program does not know.</summary>
    AlgorithmUnknown,

    /// <summary>A path leads out of the bag, or is a link.</summary>
    PathUnsafe,

    /// <summary>Files that must be listed once are listed twice, or not in every manifest.</summary>
    ManifestInconsistent,

    /// <summary>The payload has another size or count than Payload-Oxum says.</summary>
    OxumMismatch,

    /// <summary>A file could not be read.</summary>
    Unreadable,

    /// <summary>A policy is not written as its format says.</summary>
    PolicyMalformed,

    /// <summary>Fewer witnesses have cosigned than the policy asks for.</summary>
    QuorumMissing,

    /// <summary>A content, or what was recorded with it, does not open the commitment of its entry.</summary>
    CommitmentMismatch,

    /// <summary>An entry is about another object, or of another kind, than its place says.</summary>
    EntryMismatch,

    /// <summary>The entries about an object do not follow one another: one was taken out, put in or changed.</summary>
    ChainBroken,

    /// <summary>The payload is not the one that the log's sealing entry names.</summary>
    SealMismatch,

    /// <summary>A file whose every byte follows from others says something else.</summary>
    NotCanonical,

    /// <summary>An authority did not grant the time-stamp.</summary>
    TimestampNotGranted,

    /// <summary>A time-stamp is over other data.</summary>
    TimestampImprintMismatch,

    /// <summary>The certificate of a time-stamp's signer does not lead to a trusted one, or was not valid at the time.</summary>
    TimestampUntrusted,

    /// <summary>The policy asks for a time-stamp that is not there.</summary>
    TimestampMissing,
}
