using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;

namespace Poc.StatementArchive.Tests.Statements;

/// <summary>What each role sees of a statement.</summary>
public sealed class StatementViewTests(SharedArchive archive)
{
    private static readonly string[] _spoken = ["annotations", "commitment_nonce", "source_url", "translations.reviews", "translations.translator"];

    private static readonly string[] _bare =
        ["annotations", "claims", "commitment_nonce", "content_sha256", "groups_named", "source_url", "text", "translations.reviews", "translations.text", "translations.translator"];

    [Fact]
    public async Task Each_role_sees_what_it_needs_and_is_told_what_it_does_not_see()
    {
        var name = await Exports.ExportedBag.RecordAsync(archive.Service);
        await archive.Client.AddAnnotationAsync(new AddAnnotationRequest { RequestId = Some.RequestId(), Parent = name, Text = "A note." }, ArchiveService.Archivist);
        await archive.Client.ReviewTranslationAsync(
            new ReviewTranslationRequest
            {
                RequestId = Some.RequestId(),
                Parent = name,
                Review = new TranslationReview { Language = "en", Version = 1, Verdict = TranslationState.Confirmed, Reviewer = "second-translator" },
            }, ArchiveService.Archivist);
        var whole = await GetAsync(name, Roles.Archivist);
        Assert.Equal(("A note.", "staff/ada", 1), (whole.Annotations[0].Text, whole.Annotations[0].Author, whole.Annotations[0].Number));
        foreach (var role in (string[])[Roles.Reviewer, Roles.PanelChair, Roles.Approver, Roles.Auditor])
        {
            Assert.Equal(whole, await GetAsync(name, role));
        }

        foreach (var role in (string[])[Roles.IntakeOfficer, Roles.Spokesperson])
        {
            var seen = await GetAsync(name, role);
            Assert.Equal(_spoken, seen.RedactedFields);
            Assert.Equal((whole.Text, "", 0, ""), (seen.Text, seen.SourceUrl, seen.Annotations.Count, string.Concat(seen.Translations.Select(translation => translation.Translator))));
            Assert.Equal(whole.Translations.Select(translation => translation.Text), seen.Translations.Select(translation => translation.Text));
        }

        var bare = await GetAsync(name, Roles.Administrator);
        Assert.Equal(_bare, bare.RedactedFields);
        Assert.Equal((name, "", whole.Uttered, whole.RetractionState), (bare.Name, bare.Text, bare.Uttered, bare.RetractionState));
        // The widest role counts, and a search shows no more than a reading.
        Assert.Equal(whole, await GetAsync(name, Roles.Administrator, Roles.Reviewer));
        var found = await archive.Service.SearchAsync(
            new SearchStatementsRequest { Subject = name[..name.IndexOf("/statements", StringComparison.Ordinal)] }, ArchiveService.Staff(Roles.Administrator));
        Assert.Equal(bare, Assert.Single(found.Statements));
    }

    private async Task<Statement> GetAsync(string name, params string[] roles)
        => (await archive.Client.GetStatementAsync(new GetStatementRequest { Name = name }, ArchiveService.Staff(roles))).Statement;
}
