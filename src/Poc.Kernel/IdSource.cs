namespace Poc.Kernel;

/// <summary>Gives ids that sort by the time they were made (UUID version 7, RFC 9562), so that indexes grow at one end.</summary>
public sealed class IdSource(TimeProvider clock)
{
    /// <summary>A new id; two calls never give the same one.</summary>
    public Guid Next() => Guid.CreateVersion7(clock.GetUtcNow());
}
