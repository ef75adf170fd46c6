namespace Poc.Review.Agreement;

/// <summary>How far apart two values are.</summary>
public enum Metric
{
    /// <summary>The same or not.</summary>
    Nominal,

    /// <summary>By how many of the values given lie between them: order counts, distance does not.</summary>
    Ordinal,

    /// <summary>By their difference.</summary>
    Interval,

    /// <summary>By their difference in proportion to their sum; for values from zero up.</summary>
    Ratio,
}

/// <summary>Why there is no number.</summary>
public enum Undefined
{
    /// <summary>There is one.</summary>
    No,

    /// <summary>No unit was judged by two or more.</summary>
    NothingToPair,

    /// <summary>Everybody said the same of everything: nothing shows that they can tell one thing from another.</summary>
    NoVariation,
}

/// <summary>Agreement of several observers about several units.</summary>
/// <param name="Alpha">1 is perfect, 0 what chance would give, below 0 worse than chance; null where it is undefined.</param>
/// <param name="Undefined">Why it is undefined.</param>
/// <param name="Units">Units judged by two or more: the others say nothing about agreement.</param>
/// <param name="Values">Judgements of those units.</param>
public readonly record struct Agreed(double? Alpha, Undefined Undefined, int Units, int Values);

/// <summary>
/// Krippendorff's alpha (K. Krippendorff, Computing Krippendorff's Alpha-Reliability, 2011): for any number of observers, with gaps. The interval comes from
/// drawing units with replacement while the disagreement expected by chance stays that of the whole sample (A. F. Hayes and K. Krippendorff, 2007): a sample
/// in which nothing varies is no special case then.
/// </summary>
public sealed class KrippendorffAlpha
{
    private readonly double[] _values;
    private readonly double[] _counts;
    private readonly double[,] _distances;
    private readonly (double Disagreement, int Values)[] _units;
    private readonly double _expected;
    private readonly int _n;

    /// <param name="units">For each unit the judgements of all observers in their order; null where one gave none. Lengths may differ.</param>
    /// <param name="metric">How far apart two values are.</param>
    /// <exception cref="ArgumentException">A value is not finite, or negative under <see cref="Metric.Ratio"/>.</exception>
    public KrippendorffAlpha(IEnumerable<IReadOnlyList<double?>> units, Metric metric)
    {
        var paired = units.Select(static unit => unit.Where(static value => value is not null).Select(static value => value!.Value).ToArray())
            .Where(static unit => unit.Length > 1).ToList();
        if (paired.Exists(unit => Array.Exists(unit, value => !double.IsFinite(value) || metric == Metric.Ratio && value < 0)))
        {
            throw new ArgumentException("Values must be finite, and not negative under the ratio metric.", nameof(units));
        }

        _values = [.. paired.SelectMany(static unit => unit).Distinct().Order()];
        var histograms = paired.ConvertAll(Histogram);
        _counts = [.. Enumerable.Range(0, _values.Length).Select(index => (double)histograms.Sum(unit => unit[index]))];
        _n = paired.Sum(static unit => unit.Length);
        _distances = Distances(metric);
        _units = [.. histograms.Select(unit => (Weighted(unit, unit) / (unit.Sum() - 1), unit.Sum()))];
        _expected = _n > 1 ? Weighted(_counts, _counts) / (_n - 1) : 0;
    }

    /// <summary>The agreement.</summary>
    public Agreed Value => _units.Length == 0
        ? new(null, Undefined.NothingToPair, 0, 0)
        : _values.Length == 1
            ? new(null, Undefined.NoVariation, _units.Length, _n)
            : new(1 - _units.Sum(static unit => unit.Disagreement) / _expected, Undefined.No, _units.Length, _n);

    /// <summary>Between which values alpha lies with 95 % confidence; null where alpha is undefined or rests on a single unit.</summary>
    /// <param name="resamples">How many samples are drawn, 1 or more.</param>
    /// <param name="seed">The same seed gives the same interval, on any machine.</param>
    public (double Lower, double Upper)? Interval(int resamples, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        if (Value.Alpha is null || _units.Length < 2)
        {
            return null;
        }

        var random = new SplitMix64(seed);
        var drawn = new double[resamples];
        for (var sample = 0; sample < resamples; sample++)
        {
            var (disagreement, values) = (0.0, 0);
            for (var i = 0; i < _units.Length; i++)
            {
                var unit = _units[random.Below(_units.Length)];
                disagreement += unit.Disagreement;
                values += unit.Values;
            }

            drawn[sample] = 1 - disagreement / values / (_expected / _n);
        }

        Array.Sort(drawn);
        return (drawn[(int)(0.025 * (resamples - 1))], drawn[(int)Math.Ceiling(0.975 * (resamples - 1))]);
    }

    private int[] Histogram(double[] unit)
    {
        var counts = new int[_values.Length];
        foreach (var value in unit)
        {
            counts[Array.BinarySearch(_values, value)]++;
        }

        return counts;
    }

    private double[,] Distances(Metric metric)
    {
        var distances = new double[_values.Length, _values.Length];
        for (var low = 0; low < _values.Length; low++)
        {
            var between = _counts[low] / 2;
            for (var high = low + 1; high < _values.Length; high++)
            {
                var root = metric switch
                {
                    Metric.Nominal => 1,
                    Metric.Ordinal => between + _counts[high] / 2,
                    Metric.Interval => _values[high] - _values[low],
                    Metric.Ratio => (_values[high] - _values[low]) / (_values[high] + _values[low]),
                    _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, null),
                };
                distances[low, high] = distances[high, low] = root * root;
                between += _counts[high];
            }
        }

        return distances;
    }

    // Squared distances over all ordered pairs of values; a value makes no pair with itself that has a distance, so that none must be taken out.
    private double Weighted<T>(T[] left, T[] right) where T : System.Numerics.INumber<T>
    {
        var sum = 0.0;
        for (var i = 0; i < _values.Length; i++)
        {
            for (var j = 0; j < _values.Length; j++)
            {
                sum += double.CreateChecked(left[i]) * double.CreateChecked(right[j]) * _distances[i, j];
            }
        }

        return sum;
    }

    // Written out so that an interval that was published can be computed again by other versions and other programs (S. Vigna, public domain).
    private struct SplitMix64(ulong state)
    {
        private ulong _state = state;

        public int Below(int bound)
        {
            _state += 0x9E3779B97F4A7C15;
            var mixed = (_state ^ _state >> 30) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
            return (int)Math.BigMul(mixed ^ mixed >> 31, (ulong)bound, out _);
        }
    }
}
