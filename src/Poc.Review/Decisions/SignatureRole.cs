namespace Poc.Review.Decisions;

/// <summary>In which role somebody signs.</summary>
public static class SignatureRole
{
    /// <summary>The first role, in the protocol's order, that the caller has and nobody has signed in; null when there is none.</summary>
    /// <param name="required">Roles the protocol names.</param>
    /// <param name="given">Roles in which somebody signed.</param>
    /// <param name="held">Roles of the caller.</param>
    public static string? Of(IReadOnlyList<string> required, IReadOnlyCollection<string> given, IReadOnlySet<string> held) =>
        required.FirstOrDefault(role => held.Contains(role) && !given.Contains(role));

    /// <summary>Whether everybody has signed who must.</summary>
    public static bool IsComplete(IReadOnlyList<string> required, IReadOnlyCollection<string> given) => required.All(given.Contains);
}
