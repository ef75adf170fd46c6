using Poc.Campaigns.Requests;

namespace Poc.Campaigns.Tests.Requests;

public class TextRulesTests
{
    [Theory]
    [InlineData("https://www.Paper.example/a/?utm_source=x&b=2&a=1#top", "paper.example/a?a=1&b=2")]
    [InlineData("http://m.paper.example/a", "paper.example/a")]
    [InlineData("https://amp.paper.example/story/amp?fbclid=1", "paper.example/story")]
    [InlineData("www.paper.example", "paper.example")]
    [InlineData("https://user:secret@paper.example:8443/x.", "paper.example:8443/x")]
    [InlineData("https://пример.example/путь", "xn--e1afmkfd.example/%D0%BF%D1%83%D1%82%D1%8C")]
    [InlineData("https://m.example/a", "m.example/a")]
    [InlineData("mailto:somebody@paper.example", null)]
    [InlineData("not a link", null)]
    public void Gives_links_to_one_page_one_spelling(string url, string? canonical) => Assert.Equal(canonical, CanonicalUrl.Of(url));

    [Theory]
    [InlineData("Тhе рrіsоnеr wаits", "the prisoner waits")]
    [InlineData("Он ждёт cвободы", "он ждет свободы")]
    [InlineData("pri\u200bson\u00ader", "prisoner")]
    [InlineData("ＰＲＩＳＯＮＥＲ ﬁle", "prisoner file")]
    [InlineData("José está aquí", "jose esta aqui")]
    [InlineData("война и мир", "война и мир")]
    [InlineData("the word мир stays", "the word мир stays")]
    [InlineData("囚人の手紙", "囚 人 の 手 紙")]
    public void Brings_words_into_their_normal_form(string text, string words) => Assert.Equal(words, string.Join(' ', LetterText.Of(text, []).Words.Select(static word => word.Text)));

    [Fact]
    public void Tells_fields_of_a_mail_merge_from_wording()
    {
        var letter = LetterText.Of("My name is Anna Wood, 34. Please see https://paper.example/x?utm_medium=y now", []);

        Assert.Equal(["anna", "wood"], letter.Words.Where(static word => word.Kind == WordKind.Name).Select(static word => word.Text));
        Assert.Equal(["34"], letter.Words.Where(static word => word.Kind == WordKind.Number).Select(static word => word.Text));
        Assert.Equal(["paper.example/x"], letter.Urls);
    }

    [Theory]
    [InlineData("навальный", "navalny")]
    [InlineData("навального", "navalny")]
    [InlineData("горбачёв", "gorbachev")]
    [InlineData("хрущёва", "khrushcheva")]
    public void Gives_a_name_one_skeleton_across_scripts(string one, string other)
    {
        Assert.NotEqual("", Transliteration.Skeleton(one));
        Assert.Equal(Transliteration.Skeleton(other), Transliteration.Skeleton(one));
    }

    [Fact]
    public void Survives_any_text()
    {
        var fingerprinter = new Fingerprinter(DeclaredTemplates.None);
        CsCheck.Check.Sample(CsCheck.Gen.String, text =>
        {
            var print = fingerprinter.Of(new CampaignRequest("1", 0, "a", "", "en", text, [text]));
            Assert.True(print.Words.Length <= 1_500 && print.Anchors.Length <= 64);
        });
        Assert.Empty(fingerprinter.Of(new CampaignRequest("1", 0, "a", "", "en", "\ud800 \udc00 \ud83d\ude00", [])).Signature);
    }

    [Fact]
    public void Finds_passages_that_half_of_the_letters_share_and_what_each_says_beside_them()
    {
        const string Form = "We ask you to look again at this designation, because the old statements were never withdrawn.";
        var members = Enumerable.Range(0, 6).Select(i => (new CampaignMember($"{i}", i, $"a{i}", "en", "wording"), i == 3 ? Form + " I saw the video myself in Corwick." : Form)).ToList();

        var evidence = CampaignEvidence.Of(members);

        Assert.Equal(Form.TrimEnd('.'), Assert.Single(evidence.Passages));
        Assert.Equal("I saw the video myself in Corwick", evidence.Residues[3].Text);
        Assert.All(evidence.Residues.Where(static residue => residue.Id != "3"), static residue => Assert.Equal(0, residue.Words));
    }
}
