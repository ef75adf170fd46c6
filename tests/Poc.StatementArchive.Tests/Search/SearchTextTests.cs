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
    [InlineData("\u1112\u1161\u11AB\u1100\u116E\u11A8", "한국")]
    [InlineData("がぎ", "がぎ")]
    [InlineData("ﬁn", "fin")]
    [InlineData("Ὀδυσσεύς", "οδυσσευσ")]
    [InlineData("می\u200Cخواهم کتاب", "ميخواهم كتاب")]
    [InlineData("हिन्दी", "हिन्दी")]
    [InlineData("ภาษาไทย", "ภาษาไทย")]
    [InlineData("!?", "")]
    public void Folds_case_accents_width_and_punctuation(string text, string expected) => Assert.Equal(expected, SearchText.Fold(text));

    [Fact]
    public void A_token_knows_where_it_stands()
    {
        const string text = "«Ёж́ик» в 民主 2021年.";
        Assert.Equal(
            [("ежик", "Ёж́ик"), ("в", "в"), ("民", "民"), ("主", "主"), ("2021", "2021"), ("年", "年")],
            SearchText.Tokens(text).Select(token => (token.Text, text[token.Start..token.End])));
        Assert.Equal([false, false, false, true, false, true], SearchText.Tokens(text).Select(token => token.IsJoined));
    }

    [Fact]
    public void Any_text_has_tokens_in_order_and_folded_text_stays_as_it_is()
        => Gen.String.Select(text => string.Concat(text.Where(c => !char.IsSurrogate(c)))).Sample(text =>
        {
            var end = 0;
            foreach (var token in SearchText.Tokens(text))
            {
                Assert.InRange(token.End, token.Start + 1, text.Length);
                Assert.True(token.Start >= end || token.IsJoined);
                (end, _) = (token.End, Assert.Single(SearchText.Tokens(token.Text).Select(again => again.Text).Distinct()));
            }
        });

    [Fact]
    public void Folding_twice_changes_nothing_more()
        => Gen.String[Gen.Char['\u0020', '\u06FF'], 0, 40].Sample(text => Assert.Equal(SearchText.Fold(text), SearchText.Fold(SearchText.Fold(text))));

    [Fact]
    public void A_word_of_any_length_is_cut_to_what_an_index_takes()
        => Assert.Equal(200, Assert.Single(SearchText.Tokens(new string('a', 100_000))).Text.Length);
}
