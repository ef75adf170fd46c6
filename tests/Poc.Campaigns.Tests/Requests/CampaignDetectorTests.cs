using Poc.Campaigns.Requests;

namespace Poc.Campaigns.Tests.Requests;

public class CampaignDetectorTests
{
    private const long At = InventedLetters.Start + 20 * InventedLetters.Day;

    [Fact]
    public void Finds_nothing_in_letters_that_have_nothing_in_common() => Assert.Empty(new InventedLetters(1).Campaigns());

    [Fact]
    public void Raises_copies_from_independent_senders_and_nothing_else()
    {
        var letters = new InventedLetters(2);
        var text = letters.Letter();
        var planted = letters.Burst(8, At, 3 * InventedLetters.Hour, _ => text);

        var campaign = Assert.Single(letters.Campaigns());

        Assert.Equal(planted, campaign.Members.Select(static member => member.Id).Order(StringComparer.Ordinal));
        Assert.True(campaign.AdjustedP < 0.01);
        Assert.InRange(campaign.RaisedAt, At, At + 3 * InventedLetters.Hour);
    }

    [Fact]
    public void Counts_an_organisation_as_one_source_however_often_it_writes()
    {
        var letters = new InventedLetters(3);
        var text = letters.Letter();
        letters.Burst(30, At, 3 * InventedLetters.Hour, _ => text, organisation: "one-desk");

        Assert.Empty(letters.Campaigns());
    }

    [Fact]
    public void Sees_through_lookalike_letters_and_invisible_ones()
    {
        var letters = new InventedLetters(4);
        var text = letters.Letter();
        var planted = letters.Burst(12, At, 3 * InventedLetters.Hour, i => i % 2 == 0 ? text.Replace('o', 'о').Replace('a', 'а') : string.Join('\u200b', text.ToCharArray()));

        Assert.Equal(planted, Assert.Single(letters.Campaigns()).Members.Select(static member => member.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Finds_a_mail_merge_by_its_wording_without_the_fields()
    {
        var letters = new InventedLetters(5);
        var body = letters.Letter(3);
        string[] names = ["Anna Wood", "Peter Hill", "Maria Stone", "Hugo Reed", "Ruth Marsh", "Adam Lane", "Clara Brook", "Paul Field"];
        var planted = letters.Burst(8, At, 12 * InventedLetters.Hour, i => $"My name is {names[i]} and I am {20 + 7 * i} years old. {body}");

        Assert.Equal(planted, Assert.Single(letters.Campaigns()).Members.Select(static member => member.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Takes_translations_that_share_a_link_and_a_time_as_one_campaign()
    {
        var letters = new InventedLetters(6);
        string[] languages = ["en", "ru", "es"];
        var translations = languages.Select(_ => letters.Letter()).ToArray();
        var planted = letters.Burst(45, At, 24 * InventedLetters.Hour, i => translations[i % 3], url: "https://never-seen.example/page", language: i => languages[i % 3]);

        var campaign = Assert.Single(letters.Campaigns());

        Assert.Equal("translations", campaign.FoundBy);
        Assert.Equal(planted.Count, campaign.Members.Count());
        Assert.Contains(campaign.Links, static link => link.Grounds.Contains("they cite the same rarely cited link"));
    }

    [Fact]
    public void Raises_an_unknown_link_that_many_cite_within_hours_and_nobody_quotes()
    {
        var letters = new InventedLetters(7);
        var planted = letters.Burst(30, At, 8 * InventedLetters.Hour, _ => letters.Letter(), url: "https://never-seen.example/page");

        var campaign = Assert.Single(letters.Campaigns());

        Assert.Equal("url", campaign.FoundBy);
        Assert.Equal(planted.Count, campaign.Members.Count());
    }

    [Fact]
    public void Takes_a_burst_of_readers_who_quote_their_paper_for_a_shared_reaction()
    {
        var letters = new InventedLetters(8);
        var quotation = letters.Sentence() + " " + letters.Sentence();
        letters.Burst(60, At, 30 * InventedLetters.Hour, i => i % 3 == 0 ? letters.Letter(4) + " " + quotation + " " + letters.Letter(3) : letters.Letter(), url: "https://paper.example/story");

        Assert.Empty(letters.Campaigns());
    }

    [Fact]
    public void Takes_a_form_that_is_always_around_for_usual()
    {
        var letters = new InventedLetters(9);
        var form = letters.Letter();
        letters.Burst(160, InventedLetters.Start, 40 * InventedLetters.Day, _ => form);

        Assert.Empty(letters.Campaigns());
    }

    [Fact]
    public void Leaves_letters_made_from_a_declared_template_alone()
    {
        var letters = new InventedLetters(10);
        var body = letters.Letter();
        letters.Burst(40, At, 3 * InventedLetters.Hour, i => $"Dear Ms Hill, {body} Yours, sender {i}");

        Assert.Empty(letters.Campaigns(new DeclaredTemplates([new DeclaredTemplate("form", "Dear {name}, " + body)])));
        Assert.NotEmpty(letters.Campaigns());
    }

    [Fact]
    public void Gives_the_same_findings_twice()
    {
        var letters = new InventedLetters(11);
        var text = letters.Letter();
        letters.Burst(20, At, 14 * InventedLetters.Day, _ => text + " " + letters.Sentence());

        static IEnumerable<string> Findings(List<Campaign> campaigns) => campaigns.SelectMany(static campaign => campaign.Members.Select(member => $"{campaign.Number} {campaign.P} {member.Id}"));
        var first = Findings(letters.Campaigns()).ToList();

        Assert.NotEmpty(first);
        Assert.Equal(first, Findings(letters.Campaigns()));
    }

    [Fact]
    public void Forgets_links_that_few_cite_when_the_window_has_passed()
    {
        var fingerprinter = new Fingerprinter(DeclaredTemplates.None);
        var detector = new CampaignDetector(new Baseline());
        for (var day = 0; day < 60; day++)
        {
            for (var i = 0; i < 10; i++)
            {
                detector.Add(fingerprinter.Of(new($"{day}-{i}", InventedLetters.Start + day * InventedLetters.Day + i, $"a{i}", "", "en", "See this.", [$"https://example.org/{day}/{i}"])));
            }
        }

        // Those of fourteen days, and of the one that is not over.
        Assert.InRange(detector.OpenLinks, 140, 160);
        Assert.InRange(detector.WindowCount, 140, 160);
    }

    [Fact]
    public void Refuses_a_request_older_than_its_predecessor()
    {
        var fingerprinter = new Fingerprinter(DeclaredTemplates.None);
        var detector = new CampaignDetector(new Baseline());
        detector.Add(fingerprinter.Of(new CampaignRequest("1", 100, "a", "", "en", "text", [])));

        Assert.Throws<ArgumentException>(() => detector.Add(fingerprinter.Of(new CampaignRequest("2", 99, "b", "", "en", "text", []))));
    }
}
