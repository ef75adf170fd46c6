using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;

namespace Poc.Intake.Tests.Requests;

public sealed class RequestRulesTests
{
    [Fact]
    public void Takes_a_filing_at_every_limit()
    {
        var message = Filings.Delist();
        message.Request.Text = string.Concat(Enumerable.Repeat("𝄞", RequestRules.MaxText));
        message.Request.UrgencyReason = new string('й', RequestRules.MaxUrgencyReason);
        message.Request.PartnerReference = new string('r', RequestRules.MaxPartnerReference);
        message.Request.Links.Clear();
        message.Request.Links.Add(Enumerable.Range(0, RequestRules.MaxLinks).Select(static i => $"https://example.org/{i}"));
        message.Request.CitedStatements.Add(Enumerable.Range(0, RequestRules.MaxCitedStatements).Select(static i => $"subjects/navalny/statements/s{i}"));
        message.Request.Criteria.Clear();
        message.Request.Criteria.Add(Enumerable.Range(0, RequestRules.MaxCriteria).Select(static i => $"criterion-{i}"));

        RequestRules.Check(message);
    }

    [Fact]
    public void Names_everything_that_is_wrong_at_once()
    {
        var message = new SubmitRequestRequest { RequestId = "7", Request = new Request { Links = { "https://example.org", "ftp://example.org" }, CitedStatements = { "S3" }, Criteria = { "Bad Id" } } };

        Assert.Equal(
            ["request_id", "request.kind", "request.relation", "request.text", "request.language", "request.links[1]", "request.cited_statements[0]", "request.criteria[0]", "request.subject"],
            Wrong(message));
    }

    [Fact]
    public void Asks_for_the_request_itself() => Assert.Equal(["request"], Wrong(new SubmitRequestRequest { RequestId = Filings.NewId() }));

    [Fact]
    public void Counts_code_points()
    {
        var message = Filings.Delist();
        message.Request.Text = string.Concat(Enumerable.Repeat("𝄞", RequestRules.MaxText)) + "x";

        Assert.Equal(["request.text"], Wrong(message));
    }

    [Fact]
    public void Refuses_text_that_cannot_be_stored_as_it_is()
    {
        // Not inline data: an attribute's strings are UTF-8, which has no halves of surrogate pairs.
        foreach (var text in (string[])["a\0b", "a\uD800b", "\uDC00", "𝄞\uD834", "𝄞\uDD1E\uD834"])
        {
            var message = Filings.Delist();
            message.Request.Text = text;

            Assert.Equal(["request.text"], Wrong(message));
        }
    }

    [Fact]
    public void Takes_bidirectional_and_zero_width_characters_in_the_text()
    {
        var message = Filings.Delist();
        message.Request.Text = "\u202Bשלום\u202C a\u200Bb \u2066مرحبا\u2069 \uFEFF";

        RequestRules.Check(message);
    }

    [Theory]
    [InlineData("uk", true)]
    [InlineData("zh-Hant", true)]
    [InlineData("sr-Latn-RS", true)]
    [InlineData("de-CH-1901", true)]
    [InlineData("", false)]
    [InlineData("u", false)]
    [InlineData("en_US", false)]
    [InlineData("en-", false)]
    [InlineData("en\n", false)]
    [InlineData("русский", false)]
    public void Knows_language_tags(string tag, bool good) => Assert.Equal(good, RequestRules.IsLanguageTag(tag));

    [Theory]
    [InlineData("https://example.org/a?b=c#d", true)]
    [InlineData("http://пример.рф/путь", true)]
    [InlineData("https://[2001:db8::1]:8443/", true)]
    [InlineData("", false)]
    [InlineData("example.org", false)]
    [InlineData("//example.org", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("ftp://example.org", false)]
    [InlineData("https://", false)]
    [InlineData("https://example.org/a b", false)]
    [InlineData("https://example.org/\nb", false)]
    public void Knows_links(string link, bool good) => Assert.Equal(good, RequestRules.IsLink(link));

    [Fact]
    public void A_description_needs_a_plain_name()
    {
        var message = Filings.Delist();
        message.Request.Subject = new SubjectReference
        {
            Description = new SubjectDescription { NativeName = "Алексей\u202E", Script = "cyrillic", Transliterations = { "Alexei", " ", "A\u200B" } },
        };

        Assert.Equal(
            ["request.subject.description.native_name", "request.subject.description.script", "request.subject.description.transliterations[1]", "request.subject.description.transliterations[2]"],
            Wrong(message));
    }

    [Fact]
    public void A_sealed_requester_needs_a_plain_name_too()
    {
        var message = Filings.Delist();
        message.Requester = new Requester { Name = "Anna\u202E" };

        Assert.Equal(["requester.name"], Wrong(message));
    }

    [Fact]
    public void A_subject_reference_must_refer_to_something()
    {
        var message = Filings.Delist();
        message.Request.Subject = new SubjectReference();

        Assert.Equal(["request.subject"], Wrong(message));
    }

    [Fact]
    public void Only_a_withdrawal_withdraws()
    {
        var delisting = Filings.Delist();
        delisting.Request.Withdraws = $"partners/a/requests/{Filings.NewId()}";
        var withdrawal = Filings.Withdraw("partners/a/requests/not-a-uuid");

        Assert.Equal(["request.withdraws"], Wrong(delisting));
        Assert.Equal(["request.withdraws"], Wrong(withdrawal));
    }

    [Fact]
    public void An_oversized_list_is_one_violation()
    {
        var message = Filings.Delist();
        message.Request.Links.Add(Enumerable.Repeat("https://example.org", 10_000));

        Assert.Equal(["request.links"], Wrong(message));
    }

    private static IEnumerable<string> Wrong(SubmitRequestRequest message) => Assert.Throws<RpcError>(() => RequestRules.Check(message)).FieldViolations.Select(static violation => violation.Field);
}
