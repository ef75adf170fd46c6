using CsCheck;
using Poc.Review.Agreement;

namespace Poc.Review.Tests.Agreement;

public sealed class KrippendorffAlphaTests
{
    private static readonly Metric[] Metrics = Enum.GetValues<Metric>();

    // Units as rows: observers' values from 0 to 4, some missing.
    private static readonly Gen<double?[][]> Data = Gen.Select(Gen.Int[2, 6], Gen.Int[1, 12]).SelectMany(static size =>
        Gen.Int[-1, 4].Select(static value => value < 0 ? (double?)null : value).Array[size.Item1].Array[size.Item2]);

    /// <summary>Krippendorff 2011, section C: four observers, twelve units, with missing values.</summary>
    [Theory]
    [InlineData(Metric.Nominal, 0.743)]
    [InlineData(Metric.Ordinal, 0.815)]
    [InlineData(Metric.Interval, 0.849)]
    [InlineData(Metric.Ratio, 0.797)]
    public void Equals_the_published_example_with_missing_values(Metric metric, double published) => Assert.Equal(
        published, Alpha(metric, "1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."), 3);

    /// <summary>Krippendorff 2011, sections A and B: two observers without gaps, binary and nominal data.</summary>
    [Fact]
    public void Equals_the_published_examples_of_two_observers()
    {
        Assert.Equal(0.095, Alpha(Metric.Nominal, "0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"), 3);
        Assert.Equal(0.692, Alpha(Metric.Nominal, "1 1 2 2 4 3 3 3 5 4 4 1", "2 1 2 2 2 3 3 3 5 4 4 4"), 3);
    }

    [Fact]
    public void The_order_of_observers_and_of_units_makes_no_difference() => Gen.Select(Data, Gen.Int[0, Metrics.Length - 1], Gen.Int).Sample((units, metric, seed) =>
    {
        var random = new Random(seed);
        var observers = Enumerable.Range(0, units[0].Length).ToArray();
        random.Shuffle(observers);
        var shuffled = units.Select(unit => observers.Select(observer => unit[observer]).ToArray()).ToArray();
        random.Shuffle(shuffled);
        var (one, other) = (new KrippendorffAlpha(units, Metrics[metric]).Value, new KrippendorffAlpha(shuffled, Metrics[metric]).Value);
        Assert.Equal((one.Undefined, one.Units, one.Values), (other.Undefined, other.Units, other.Values));
        Assert.Equal(one.Alpha ?? 9, other.Alpha ?? 9, 9);
    });

    [Fact]
    public void Is_1_when_all_agree_and_less_when_anybody_does_not() => Gen.Select(Data, Gen.Int[0, Metrics.Length - 1]).Sample((units, metric) =>
    {
        var agreed = new KrippendorffAlpha(units.Select((unit, index) => unit.Select(value => value is null ? value : index % 5).ToArray()), Metrics[metric]).Value;
        Assert.Equal(1, agreed.Alpha ?? 1, 12);
        var value = new KrippendorffAlpha(units, Metrics[metric]).Value;
        var differ = units.Any(static unit => unit.Where(static each => each is not null).Distinct().Count() > 1);
        Assert.True(value.Alpha is null || differ == value.Alpha < 1);
    });

    [Fact]
    public void A_unit_that_one_observer_judged_changes_nothing() => Gen.Select(Data, Gen.Int[0, 9], Gen.Int[0, Metrics.Length - 1]).Sample((units, lonely, metric) =>
        Assert.Equal(new KrippendorffAlpha(units, Metrics[metric]).Value, new KrippendorffAlpha([.. units, [null, lonely]], Metrics[metric]).Value));

    [Fact]
    public void Stretching_the_scale_changes_interval_and_ratio_no_more_than_ordinal()
    {
        string[] rows = ["1 2 3 3 2 1 4 1 2", "1 2 3 3 2 2 4 1 2"];
        foreach (var metric in Metrics)
        {
            Assert.Equal(Alpha(metric, rows), new KrippendorffAlpha(Units(rows).Select(static unit => unit.Select(static value => value * 10).ToArray()), metric).Value.Alpha!.Value, 9);
        }

        // Unequal stretching is no change of order: ordinal stays, interval does not.
        Assert.Equal(Alpha(Metric.Ordinal, rows), Squared(Metric.Ordinal), 9);
        Assert.NotEqual(Alpha(Metric.Interval, rows), Squared(Metric.Interval), 3);

        double Squared(Metric metric) => new KrippendorffAlpha(Units(rows).Select(static unit => unit.Select(static value => value * value).ToArray()), metric).Value.Alpha!.Value;
    }

    [Fact]
    public void Says_why_there_is_no_number()
    {
        Assert.Equal(new Agreed(null, Undefined.NothingToPair, 0, 0), new KrippendorffAlpha([], Metric.Nominal).Value);
        Assert.Equal(new Agreed(null, Undefined.NothingToPair, 0, 0), new KrippendorffAlpha([[1, null], [null, 2]], Metric.Nominal).Value);
        Assert.Equal(new Agreed(null, Undefined.NoVariation, 2, 4), new KrippendorffAlpha([[1, 1], [1, 1]], Metric.Ordinal).Value);
        Assert.Null(new KrippendorffAlpha([[1, 1], [1, 1]], Metric.Ordinal).Interval(100, 1));
        Assert.Null(new KrippendorffAlpha([[1, 2]], Metric.Ordinal).Interval(100, 1)); // one unit
        Assert.Throws<ArgumentException>(() => new KrippendorffAlpha([[1, double.NaN]], Metric.Interval));
        Assert.Throws<ArgumentException>(() => new KrippendorffAlpha([[1, -1]], Metric.Ratio));
        Assert.Equal(0.0, new KrippendorffAlpha([[0, 0], [1, 1], [0, 1], [1, 0]], Metric.Ratio).Value.Alpha!.Value, 0); // zero beside zero is no division by zero
    }

    [Fact]
    public void The_interval_holds_alpha_is_the_same_for_a_seed_and_narrows_with_more_units()
    {
        string[] rows = ["1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 ."];
        var small = new KrippendorffAlpha(Units(rows), Metric.Ordinal);
        var (lower, upper) = small.Interval(5_000, 7)!.Value;
        Assert.InRange(small.Value.Alpha!.Value, lower, upper);
        Assert.True(lower < upper && upper <= 1);
        Assert.Equal((lower, upper), small.Interval(5_000, 7));
        Assert.NotEqual((lower, upper), small.Interval(5_000, 8));
        var large = new KrippendorffAlpha(Enumerable.Repeat(Units(rows), 30).SelectMany(static units => units), Metric.Ordinal).Interval(5_000, 7)!.Value;
        Assert.True(large.Upper - large.Lower < (upper - lower) / 3);
    }

    private static double Alpha(Metric metric, params string[] observers) => new KrippendorffAlpha(Units(observers), metric).Value.Alpha!.Value;

    private static double?[][] Units(string[] observers)
    {
        var rows = observers.Select(static row => row.Split(' ').Select(static cell => cell == "." ? (double?)null : double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture)).ToArray()).ToArray();
        return [.. Enumerable.Range(0, rows[0].Length).Select(unit => rows.Select(row => row[unit]).ToArray())];
    }
}
