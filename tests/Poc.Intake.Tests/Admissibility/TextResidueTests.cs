using Poc.Intake.Admissibility;

namespace Poc.Intake.Tests.Admissibility;

public sealed class TextResidueTests
{
    [Fact]
    public void What_others_say_too_goes_and_the_rest_stays_with_its_place()
    {
        var residue = TextResidue.Of("Form letter one. I met him in 𝄞 2007! He said so himself.\nForm letter two.", ["FORM letter – one.  Form letter: two"]);

        Assert.Equal([new Passage(17, 57, "I met him in 𝄞 2007! He said so himself.")], residue);
    }

    [Theory]
    [InlineData("Та же фраза。Ещё одна؟", "та ЖЕ фраза!\nещё одна.")]
    [InlineData("...", "")]
    [InlineData("", "x")]
    [InlineData("Ｆｕｌｌ width.", "full width.")]
    public void Copies_leave_nothing(string text, string other) => Assert.Empty(TextResidue.Of(text, [other]));

    [Fact]
    public void One_changed_word_makes_a_sentence_new() => Assert.Equal("He never did.", Assert.Single(TextResidue.Of("He did. He never did.", ["He did. He always did."])).Text);

    [Fact]
    public void Passages_apart_stay_apart() => Assert.Equal(["New one.", "New two."], TextResidue.Of("New one. Old. New two.", ["Old."]).Select(static passage => passage.Text));
}
