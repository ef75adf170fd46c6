using Poc.Intake.Requests;

namespace Poc.Intake.Tests.Requests;

public sealed class PersonNameTests
{
    [Theory]
    [InlineData("Алексей Навальный")]
    [InlineData("Aung San Suu Kyi")]
    [InlineData("Đặng Thị Huệ")]
    [InlineData("ʻAbd al-Raḥmān O’Neill")]
    [InlineData("刘晓波")]
    [InlineData("𠮷田 茂")]
    [InlineData("شیرین عبادی")]
    [InlineData("می\u200Cخواهم")]
    [InlineData("क\u094D\u200Dष")]
    public void Takes_names_of_any_script(string name) => Assert.True(PersonName.IsPlain(name));

    [Theory]
    [InlineData("Alexei\u202EyenlavaN")]
    [InlineData("Alexei\u2066N\u2069")]
    [InlineData("\u200FAlexei")]
    [InlineData("\u061CAlexei")]
    [InlineData("Alexei\u200BNavalny")]
    [InlineData("Alexei\u2060Navalny")]
    [InlineData("\uFEFFAlexei")]
    [InlineData("Alexei\u00ADNavalny")]
    [InlineData("Alexei\u200CNavalny")]
    [InlineData("می\u200C")]
    [InlineData("\u200Dقلم")]
    [InlineData("می\u200C\u200Cخواهم")]
    [InlineData("Alexei\nNavalny")]
    [InlineData("Alexei\0Navalny")]
    [InlineData("Alexei\u2028Navalny")]
    [InlineData("Alexei\u3164Navalny")]
    [InlineData("Alexei\uFE0FNavalny")]
    [InlineData("Alexei\uE000")]
    public void Refuses_characters_that_cannot_be_seen(string name) => Assert.False(PersonName.IsPlain(name));

    [Fact]
    public void Refuses_half_of_a_surrogate_pair() => Assert.False(PersonName.IsPlain("Alexei\uD800"));
}
