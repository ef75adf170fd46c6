using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Grpc.Core;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests.Decisions;

public sealed partial class GetDecisionDocumentTests(ReviewStack stack)
{
    [Fact]
    public async Task The_page_of_a_decision_has_all_that_was_signed_and_how_to_check_it()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var dossier = await @case.VotedToDelistAsync();
        var dissenter = (await @case.Client.ListBallotsAsync(new ListBallotsRequest { Dossier = dossier.Name }, Staff.Auditor)).Ballots.First(static ballot => ballot.Choice == Choice.Against).Reviewer;
        await @case.Client.RecordDissentAsync(
            new RecordDissentRequest { RequestId = Some.RequestId(), Dossier = dossier.Name, Text = "I <read> it & disagree." },
            Staff.Reviewer(dissenter["staff/".Length..]));
        var draft = @case.Draft();
        draft.Reasons = "Слова <b>не</b> отозваны & \"specific\".\nSecond line.";
        var decision = (await @case.DraftAsync(await @case.DossierAsync(dossier.Name), draft)).Decision;

        var drafted = await DocumentAsync(@case, decision.Name);
        Assert.Contains("A draft: not signed", drafted.Html, StringComparison.Ordinal);
        Assert.Equal("", drafted.Content);

        var signed = await @case.SignedAsync(decision);
        var page = await DocumentAsync(@case, decision.Name);

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(page.Content)));
        Assert.Equal(Convert.ToHexStringLower(signed.ContentSha256.Span), hash);
        Assert.Contains(hash, page.Html, StringComparison.Ordinal);
        Assert.Equal(page.Content, Encoding.UTF8.GetString(Convert.FromBase64String(Saved().Match(page.Html).Groups[1].Value)));
        Assert.Equal(page.Content, System.Net.WebUtility.HtmlDecode(Shown().Match(page.Html).Groups[1].Value));
        Assert.Contains("Embargoed", page.Html, StringComparison.Ordinal);
        var rules = (await @case.Client.GetProtocolAsync(new GetProtocolRequest { Name = signed.Protocol }, Staff.Auditor)).Protocol;
        foreach (var part in new[]
        {
            "compared to insects", "dentistry", @case.Statements[0], "Слова <b>не</b> отозваны & \"specific\".\nSecond line.", "I <read> it & disagree.", signed.PressureDisclosure, signed.HarmForecast,
            $"{signed.Tally.ForCount} for, {signed.Tally.AgainstCount} against", Convert.ToHexStringLower(rules.DocumentSha256.Span), rules.Criteria.First(static criterion => criterion.Id == "advocacy-of-violence").Text, signed.Signatures[0].Staff, signed.Signatures[1].Staff,
        })
        {
            Assert.Contains(System.Net.WebUtility.HtmlEncode(part), page.Html, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("<b>", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain(dissenter, page.Html, StringComparison.Ordinal);
        await @case.PublishAsync(signed);
        Assert.DoesNotContain("class=\"notice\">Embargoed", (await DocumentAsync(@case, decision.Name)).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task There_is_no_page_of_a_decision_that_is_not_there()
    {
        var review = await stack.RunningAsync();
        await review.Client.GetDecisionDocumentAsync(new GetDecisionDocumentRequest { Name = "decisions/none" }, Staff.Auditor).RefusedAsync(StatusCode.NotFound, "DECISION_NOT_FOUND");
    }

    private static async Task<GetDecisionDocumentResponse> DocumentAsync(Case @case, string name) =>
        await @case.Client.GetDecisionDocumentAsync(new GetDecisionDocumentRequest { Name = name }, Staff.Auditor);

    [GeneratedRegex("base64,([A-Za-z0-9+/=]+)\"")]
    private static partial Regex Saved();

    [GeneratedRegex("<pre dir=\"ltr\">(.*?)</pre>", RegexOptions.Singleline)]
    private static partial Regex Shown();
}
