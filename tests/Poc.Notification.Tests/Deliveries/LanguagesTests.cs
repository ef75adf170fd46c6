using Poc.Notification.Deliveries;

namespace Poc.Notification.Tests.Deliveries;

public sealed class LanguagesTests
{
    [Theory]
    [InlineData("ru", "ru")]
    [InlineData("RU", "ru")]
    [InlineData("de-AT", "de")]
    [InlineData("zh-Hant-TW", "zh-Hant")]
    [InlineData("pt-PT", "pt-BR")]
    public void Chooses_the_nearest_language_there_is(string wanted, string expected) =>
        Assert.Equal(expected, Languages.Choose(wanted, ["en", "de", "ru", "zh-Hant", "pt-BR"]));

    [Fact]
    public void Falls_back_to_English_and_then_to_what_there_is()
    {
        Assert.Equal("en", Languages.Choose("fr", ["de", "en"]));
        Assert.Equal("de", Languages.Choose("fr", ["de", "ru"]));
    }
}
