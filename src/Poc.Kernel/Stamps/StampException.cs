namespace Poc.Kernel.Stamps;

/// <summary>Why a time-stamp proves nothing.</summary>
public enum StampProblem
{
    /// <summary>It is neither a token nor an answer of RFC 3161.</summary>
    Malformed,

    /// <summary>The authority refused.</summary>
    NotGranted,

    /// <summary>It is over other data.</summary>
    ImprintMismatch,

    /// <summary>The data is hashed by an algorithm under which two texts can have one hash (MD5, SHA-1), or one that is not known.</summary>
    AlgorithmUnknown,

    /// <summary>Its signature is wrong, or the signer's certificate is not the one it names or not one for time-stamps.</summary>
    SignatureWrong,

    /// <summary>The signer's certificate does not lead to a trusted one, or was not valid at the time.</summary>
    CertificateUntrusted,
}

/// <summary>A time-stamp proves nothing.</summary>
/// <param name="problem">Why, for programs.</param>
/// <param name="message">Why, for people.</param>
/// <param name="cause">What led to it.</param>
public sealed class StampException(StampProblem problem, string message, Exception? cause = null) : FormatException(message, cause)
{
    /// <summary>Why.</summary>
    public StampProblem Problem { get; } = problem;
}
