namespace Poc.Intake.Admissibility;

/// <summary>
/// In what range a share lies of which a few cases are known; pure. E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (1927), at 95 %: unlike
/// the usual ± it is right for few cases and for shares near 0 and 1.
/// </summary>
internal static class WilsonInterval
{
    private const double Z = 1.959963984540054;

    /// <summary>The interval; everything from 0 to 1 where there is no case.</summary>
    public static (double Low, double High) Of(int hits, int cases)
    {
        if (cases == 0)
        {
            return (0, 1);
        }

        var share = (double)hits / cases;
        var weight = Z * Z / cases;
        var middle = (share + weight / 2) / (1 + weight);
        var half = Z * Math.Sqrt(share * (1 - share) / cases + weight / (4 * cases)) / (1 + weight);
        return (Math.Max(0, middle - half), Math.Min(1, middle + half));
    }
}
