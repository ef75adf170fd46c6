using Poc.StatementArchive.Search;

namespace Poc.StatementArchive.Tests.Search;

public sealed class SearchQueryTests
{
    private static readonly Dictionary<string, IReadOnlyList<string>> _none = [];

    [Theory]
    [InlineData("Hello world", "('hello') & ('world')")]
    [InlineData("\"Hello, World\"", "('hello' <1> 'world')")]
    [InlineData("an \"unclosed phrase", "('an') & ('unclosed') & ('phrase')")]
    [InlineData("民主墙", "('民主' <1> '主墙')")]
    [InlineData("墙", "('墙')")]
    [InlineData("2021年", "('2021' <1> '年')")]
    [InlineData("新冠covid疫情", "('新冠' <2> 'covid' <1> '疫情')")]
    [InlineData("об'єкт", "('об' <1> 'єкт')")]
    [InlineData("' OR 1=1 --", "('or') & ('1' <1> '1')")]
    [InlineData("\"\" . \" \"", "")]
    public void Asks_for_all_words_and_for_phrases_in_order(string query, string expected)
        => Assert.Equal(expected, SearchQuery.Parse(query).ToTsQuery(_none));

    [Fact]
    public void Others_stand_for_a_word_and_never_in_a_phrase()
        => Assert.Equal(
            "('word' | 'words') & ('my' <1> 'word')",
            SearchQuery.Parse("word \"my word\"").ToTsQuery(new Dictionary<string, IReadOnlyList<string>> { ["word"] = ["words"] }));

    [Fact]
    public void Shows_where_the_words_stand()
    {
        var tokens = SearchText.Tokens("民主。主义, 民主主义 and words of words");
        Assert.Equal([(4, 7)], SearchQuery.Parse("民主主义").PlacesIn(tokens, _none));
        Assert.Equal([(9, 9), (11, 11), (8, 9)], SearchQuery.Parse("words \"and words\"").PlacesIn(tokens, _none));
    }

    [Theory]
    [InlineData("deportatoin", "deportation", 1)]
    [InlineData("мирно", "мрино", 1)]
    [InlineData("same", "same", 0)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    public void Counts_what_was_mistyped(string one, string other, int distance) => Assert.Equal(distance, SearchWords.Distance(one, other));
}
