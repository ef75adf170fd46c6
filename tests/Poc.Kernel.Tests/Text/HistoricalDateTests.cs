using Poc.Kernel.Text;

namespace Poc.Kernel.Tests.Text;

public sealed class HistoricalDateTests
{
    private static readonly DateOnly _today = new(2021, 5, 7);

    [Theory]
    [InlineData("2021-01-17", "", DateSharpness.Day, "2021-01-17", "2021-01-17")]
    [InlineData("2021-01-17", "2021-01-17", DateSharpness.Day, "2021-01-17", "2021-01-17")]
    [InlineData("2008-02-01", "", DateSharpness.Month, "2008-02-01", "2008-02-29")]
    [InlineData("2013-01-01", "", DateSharpness.Year, "2013-01-01", "2013-12-31")]
    [InlineData("2007-01-01", "2008-12-31", DateSharpness.Range, "2007-01-01", "2008-12-31")]
    public void Fills_in_the_days_that_the_precision_says(string earliest, string latest, DateSharpness sharpness, string first, string last)
    {
        Assert.Null(HistoricalDate.Read(earliest, latest, sharpness, _today, out var date));
        Assert.Equal((DateOnly.Parse(first), DateOnly.Parse(last)), (date.Earliest!.Value, date.Latest!.Value));
    }

    [Fact]
    public void An_unknown_date_has_no_days()
    {
        Assert.Null(HistoricalDate.Read("", "", DateSharpness.Unknown, _today, out var date));
        Assert.Equal(new HistoricalDate(null, null, DateSharpness.Unknown), date);
    }

    [Theory]
    [InlineData("2021-05-07", "", DateSharpness.Unknown)]
    [InlineData("", "", DateSharpness.Day)]
    [InlineData("2021-1-7", "", DateSharpness.Day)]
    [InlineData("2021-02-30", "", DateSharpness.Day)]
    [InlineData("07.05.2021", "", DateSharpness.Day)]
    [InlineData("2021-05-08", "", DateSharpness.Day)]
    [InlineData("1799-12-31", "", DateSharpness.Day)]
    [InlineData("2021-01-17", "2021-01-18", DateSharpness.Day)]
    [InlineData("2007-09-02", "", DateSharpness.Month)]
    [InlineData("2007-09-01", "2007-09-15", DateSharpness.Month)]
    [InlineData("2013-02-01", "", DateSharpness.Year)]
    [InlineData("2008-01-01", "2007-01-01", DateSharpness.Range)]
    [InlineData("2008-01-01", "", DateSharpness.Range)]
    [InlineData("2008-01-01", "2022-01-01", DateSharpness.Range)]
    public void Says_what_is_wrong(string earliest, string latest, DateSharpness sharpness)
        => Assert.NotNull(HistoricalDate.Read(earliest, latest, sharpness, _today, out _));
}
