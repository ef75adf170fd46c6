using Poc.Story.Telling;

namespace Poc.Story.Tests.Telling;

public sealed class ComparisonTests
{
    [Fact]
    public void Counts_what_agrees_what_differs_and_what_was_not_asked()
    {
        var comparison = new Comparison();
        comparison.Add("Requests", "filed", 412, 412);
        comparison.Add("Requests", "answered", 388, 387);
        comparison.AddNotAsked("Blind voting", "seen", "0", "ballots were open");

        Assert.Equal((1, 1, 1), (comparison.Agreed, comparison.Different, comparison.NotAsked));
        var lines = comparison.Lines().ToList();
        Assert.Single(lines, static line => line.EndsWith('✓'));
        Assert.Single(lines, static line => line.Contains("388", StringComparison.Ordinal) && line.EndsWith('✗'));
        Assert.Single(lines, static line => line.EndsWith('·'));
    }

    [Fact]
    public void Cuts_nothing_off()
    {
        var comparison = new Comparison();
        var history = string.Join(" → ", Enumerable.Repeat("UNDER_RECONSIDERATION", 9));
        comparison.Add("Designations", "history", history, history);

        Assert.Equal(2, comparison.Lines().Count(line => line.Contains(history, StringComparison.Ordinal)));
    }
}
