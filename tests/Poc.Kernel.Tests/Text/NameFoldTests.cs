using Poc.Kernel.Text;

namespace Poc.Kernel.Tests.Text;

public sealed class NameFoldTests
{
    [Theory]
    [InlineData("Алексей Навальный", "Alexei Navalny", "Aleksey Navalnyy", "ALEKSEJ  NAVAL'NYJ")]
    [InlineData("Юлия", "Yuliya", "Iuliia", "Julija")]
    [InlineData("Хрущёв", "Khrushchev", "Hruščev")]
    [InlineData("Γιώργος", "Giorgos")]
    [InlineData("Łukasz Żółć", "Lukasz Zolc")]
    public void Usual_spellings_of_one_name_meet(string name, params string[] spellings) => Assert.All(spellings, spelling => Assert.Equal(NameFold.Of(name), NameFold.Of(spelling)));

    [Theory]
    [InlineData("Иванов", "Петров")]
    [InlineData("محمد", "أحمد")]
    [InlineData("王伟", "王芳")]
    public void Other_names_stay_apart(string one, string other) => Assert.NotEqual(NameFold.Of(one), NameFold.Of(other));

    [Theory]
    [InlineData("王伟", "王伟")]
    [InlineData("  — ", "")]
    [InlineData("O’Brien-Smith", "obren smith")]
    public void Has_words_of_letters_alone(string name, string expected) => Assert.Equal(expected, NameFold.Of(name));
}
