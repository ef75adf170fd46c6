namespace Poc.Kernel.Notes;

/// <summary>Why a note was not opened.</summary>
public enum NoteProblem
{
    /// <summary>It does not have the form of a signed note.</summary>
    Malformed,

    /// <summary>It names a trusted key whose signature it does not carry.</summary>
    SignatureWrong,

    /// <summary>No trusted key has signed it.</summary>
    NotSigned,
}

/// <summary>A note was not opened.</summary>
/// <param name="problem">Why, for programs.</param>
/// <param name="message">Why, for people.</param>
public sealed class NoteException(NoteProblem problem, string message) : FormatException(message)
{
    /// <summary>Why.</summary>
    public NoteProblem Problem { get; } = problem;
}
