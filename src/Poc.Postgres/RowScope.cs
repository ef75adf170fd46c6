namespace Poc.Postgres;

/// <summary>Whose rows a transaction sees: from then on it is another database role, whose policies compare rows with a setting.</summary>
/// <param name="Role">A role that the service's own may become (<c>GRANT … TO</c>), and that can do less.</param>
/// <param name="Setting">The setting that the policies read, e.g. <c>poc.partner</c>.</param>
/// <param name="Value">What rows must have to be seen.</param>
public sealed record RowScope(string Role, string Setting, string Value);

/// <summary>Says whose rows the code that runs now may see. Registered in the container by a service that keeps callers' rows apart; <see cref="Database"/> asks it at the beginning of each transaction.</summary>
public interface IRowScopes
{
    /// <summary>The scope of every transaction begun now; null: all rows.</summary>
    RowScope? Current { get; }
}
