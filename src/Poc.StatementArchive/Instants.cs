namespace Poc.StatementArchive;

/// <summary>Moments as PostgreSQL keeps them, so that an answer now and one read back later say the same.</summary>
internal static class Instants
{
    /// <summary>Now, to the microsecond.</summary>
    public static DateTimeOffset Now(this TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
