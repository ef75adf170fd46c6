using CsCheck;
using Poc.StatementArchive.Search;

namespace Poc.StatementArchive.Tests.Search;

public sealed class SearchTextTests
{
    [Theory]
    [InlineData("Ёлка, ЁЛКА", "елка елка")]
    [InlineData("São Paulo", "sao paulo")]
    [InlineData("  a -- b  ", "a b")]
    [InlineData("100%_x\\", "100 x")]
    [InlineData("한국어", "한국어")]
    [InlineData("がぎ", "がぎ")]
    [InlineData("ﬁn", "fin")]
    [InlineData("!?", "")]
    public void Folds_case_accents_width_and_punctuation(string text, string expected) => Assert.Equal(expected, SearchText.Fold(text));

    [Fact]
    public void Folded_text_has_nothing_that_a_pattern_would_read_as_its_own()
        => Gen.String.Sample(
            text => Assert.DoesNotContain(SearchText.Fold(string.Concat(text.Where(c => !char.IsSurrogate(c)))), c => c is '%' or '_' or '\\' or '\'' or '"'));

    [Fact]
    public void Folding_twice_changes_nothing_more()
        => Gen.String[Gen.Char['\u0020', '\u06FF'], 0, 40].Sample(text => Assert.Equal(SearchText.Fold(text), SearchText.Fold(SearchText.Fold(text))));

    [Fact]
    public void Pairs_are_of_neighbours() => Assert.Equal(["民", "主", "墙", "民主", "主墙"], SearchText.Bigrams("民主墙"));

    [Fact]
    public void A_query_is_words_and_runs_of_scripts_without_spaces()
        => Assert.Equal([("hello", false), ("民主", true), ("2021", false), ("年", true)],
            SearchText.Terms("Hello 民主 2021年 hello").Select(term => (term.Text, term.IsUnspaced)));
}
