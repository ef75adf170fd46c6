using Poc.Campaigns.Requests;

namespace Poc.Campaigns.Tests.Requests;

public class DeclaredTemplatesTests
{
    private const string Form = "Dear {name}, we, the members of {organisation}, ask you to keep this designation. Nobody should lose it for words spoken long ago and regretted since. Yours, [name], [city]";
    private readonly Fingerprinter fingerprinter = new(new DeclaredTemplates([new("keep", Form), new("other", "An entirely different letter that says nothing of the kind to anybody at all.")]));

    [Theory]
    [InlineData("Dear Ms Hill, we, the members of Friends of Corwick, ask you to keep this designation. Nobody should lose it for words spoken long ago and regretted since. Yours, Anna Wood, Ashford")]
    [InlineData("Dear Sir, we, the members of XY, ask you to keep this designation. Nobody should lose it for words spoken long ago and regretted since. I also met him once and he was kind to me.")]
    [InlineData("DEAR SIR, WE, THE MEMBERS, ASK YOU TO KEEP THIS DESIGNATION. NOBODY SHOULD LOSE IT FOR WORDS SPОKEN LONG AGO AND REGRETTED SINCE.")]
    [InlineData("Nobody should lose it for words spoken long ago and regretted since.")]
    public void Recognises_letters_made_from_a_template(string text) => Assert.Equal("keep", Template(text));

    [Theory]
    [InlineData("We ask you to take this designation back at once, for his words were never regretted and never forgotten by us.")]
    [InlineData("")]
    [InlineData("Dear Ms Hill,")]
    public void Leaves_other_letters_alone(string text) => Assert.Null(Template(text));

    [Fact]
    public void Never_matches_a_template_too_short_to_be_recognised() =>
        Assert.Null(new Fingerprinter(new DeclaredTemplates([new("short", "Free him now")])).Of(new CampaignRequest("1", 0, "a", "", "en", "Free him now", [])).Template);

    private string? Template(string text) => fingerprinter.Of(new CampaignRequest("1", 0, "a", "", "en", text, [])).Template;
}
