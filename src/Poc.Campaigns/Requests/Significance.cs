namespace Poc.Campaigns.Requests;

/// <summary>Tails and corrections. All pure.</summary>
internal static class Significance
{
    /// <summary>P(X ≥ <paramref name="count"/>) of a Poisson law.</summary>
    internal static double PoissonTail(int count, double mean)
    {
        if (count <= 0)
        {
            return 1;
        }

        // Summed upwards from the tail: the difference to one would lose every digit where it matters.
        var term = Math.Exp(count * Math.Log(Math.Max(mean, 1e-300)) - mean - LogFactorial(count));
        var sum = 0.0;
        for (var k = count; k < count + 2_000; k++)
        {
            sum += term;
            term *= mean / (k + 1);
            if (k > mean && term < sum * 1e-12)
            {
                break;
            }
        }

        return Math.Clamp(sum, 0, 1);
    }

    /// <summary>P(X ≥ <paramref name="count"/>) of a negative binomial law with this mean and variance mean + mean²/shape: arrivals that come in bursts by themselves.</summary>
    internal static double NegativeBinomialTail(int count, double mean, double shape)
    {
        var (p, below) = (shape / (shape + mean), 0.0);
        var term = Math.Pow(p, shape);
        for (var k = 0; k < count; k++)
        {
            below += term;
            term *= (k + shape) / (k + 1) * (1 - p);
        }

        if (below < 1 - 1e-9)
        {
            return Math.Clamp(1 - below, 0, 1);
        }

        var tail = 0.0;
        for (var k = count; k < count + 2_000 && term > tail * 1e-12; k++)
        {
            tail += term;
            term *= (k + shape) / (k + 1) * (1 - p);
        }

        return Math.Clamp(tail, 0, 1);
    }

    /// <summary>The Benjamini–Hochberg adjusted value of one p among all of them (itself included).</summary>
    internal static double Adjusted(double p, IEnumerable<double> all)
    {
        var sorted = all.Order().ToList();
        var least = 1.0;
        for (var rank = sorted.Count; rank >= 1 && sorted[rank - 1] >= p; rank--)
        {
            least = Math.Min(least, sorted[rank - 1] * sorted.Count / rank);
        }

        return Math.Min(1, Math.Max(least, p));
    }

    /// <summary>A bound of P(X ≥ <paramref name="count"/>) of a binomial law: the number of choices times the chance of each.</summary>
    internal static double BinomialBound(int count, int tries, double rate) =>
        Math.Min(1, Math.Exp(LogFactorial(tries) - LogFactorial(count) - LogFactorial(tries - count) + count * Math.Log(rate)));

    private static double LogFactorial(int n)
    {
        if (n < 20)
        {
            var sum = 0.0;
            for (var k = 2; k <= n; k++)
            {
                sum += Math.Log(k);
            }

            return sum;
        }

        // Stirling's series; good to 1e-8 from 20 on.
        return n * Math.Log(n) - n + 0.5 * Math.Log(2 * Math.PI * n) + 1.0 / (12 * n) - 1.0 / (360.0 * n * n * n);
    }
}
