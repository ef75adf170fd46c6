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
}
