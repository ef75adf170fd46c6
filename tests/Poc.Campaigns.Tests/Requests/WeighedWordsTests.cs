using Poc.Campaigns.Requests;

namespace Poc.Campaigns.Tests.Requests;

public sealed class WeighedWordsTests
{
    [Fact]
    public void The_cosine_is_that_of_the_words_of_both_to_the_last_bit_whatever_their_number()
    {
        var random = new Random(11);
        for (var round = 0; round < 2_000; round++)
        {
            // From nothing to several dozens, from few in common to nearly all.
            var (one, other) = (Some(random, random.Next(60), 5 + (round % 90)), Some(random, random.Next(60), 5 + (round % 90)));
            var sum = 0f;
            foreach (var word in one.Words.Intersect(other.Words).Order())
            {
                sum += one.Weights[Array.IndexOf(one.Words, word)] * other.Weights[Array.IndexOf(other.Words, word)];
            }

            Assert.Equal(one.Norm == 0 || other.Norm == 0 ? 0 : sum / (one.Norm * other.Norm), one.Cosine(other));
            Assert.Equal(one.Cosine(other), other.Cosine(one));
        }
    }

    [Fact]
    public void Equal_letters_have_cosine_one()
    {
        var letter = Some(new Random(3), 40, 1_000);
        Assert.Equal(1, letter.Cosine(letter), 5);
    }

    private static WeighedWords Some(Random random, int count, int different)
    {
        var words = Enumerable.Range(0, count).Select(_ => (uint)random.Next(different) * 40_000_000u).Distinct().Order().ToArray();
        var weights = words.Select(_ => random.NextSingle() * 5).ToArray();
        return new() { Words = words, Weights = weights, Norm = MathF.Sqrt(weights.Sum(weight => weight * weight)) };
    }
}
