using Poc.Campaigns.Requests;

namespace Poc.Campaigns.Tests.Requests;

public class SignificanceTests
{
    [Theory]
    [InlineData(1, 0.5, 0.3934693402873666)]
    [InlineData(5, 2, 0.052653017343711)]
    [InlineData(30, 10, 2.5e-7)]
    [InlineData(0, 3, 1)]
    public void Gives_the_tail_of_a_Poisson_law(int count, double mean, double expected) =>
        Assert.InRange(Significance.PoissonTail(count, mean) / expected, 0.99, 1.01);

    [Fact]
    public void Keeps_its_digits_where_the_tail_is_tiny() => Assert.InRange(Significance.PoissonTail(40, 0.01), 1e-128, 1.3e-128);

    [Fact]
    public void Gives_the_tail_of_a_negative_binomial_law() =>
        // Shape 1 is the geometric law: P(X ≥ k) = (mean / (1 + mean))^k.
        Assert.Equal(Math.Pow(0.5 / 1.5, 7), Significance.NegativeBinomialTail(7, 0.5, 1), 1e-9);

    [Fact]
    public void Adjusts_as_Benjamini_and_Hochberg_do()
    {
        double[] all = [0.01, 0.02, 0.03, 0.5];

        Assert.Equal(0.04, Significance.Adjusted(0.01, all), 1e-12);
        Assert.Equal(0.04, Significance.Adjusted(0.02, all), 1e-12);
        Assert.Equal(0.5, Significance.Adjusted(0.5, all), 1e-12);
        Assert.Equal(0.002, Significance.Adjusted(0.002, [0.002]), 1e-12);
    }
}
