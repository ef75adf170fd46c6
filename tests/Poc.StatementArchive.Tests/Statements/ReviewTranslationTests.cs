using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.StatementArchive.Tests.Exports;
using Poc.Verify;
using Verdict = Poc.Contracts.StatementArchive.V1.CitationFinding.Types.Verdict;

namespace Poc.StatementArchive.Tests.Statements;

/// <summary>What others than its translator say of a translation.</summary>
public sealed class ReviewTranslationTests(SharedArchive archive)
{
    [Fact]
    public async Task A_version_that_is_disputed_or_was_found_wrong_cannot_be_cited_and_others_can()
    {
        var name = await TranslatedAsync("A word is a sparrow.", "A word is no sparrow.");
        Assert.Equal(TranslationState.Unreviewed, (await GetAsync(name, 1)).State);
        Assert.Equal(Verdict.Verified, await CiteAsync(name, 1));

        var request = Review(name, 1, TranslationState.Disputed, "second", "The original denies it.");
        var disputed = (await archive.Client.ReviewTranslationAsync(request, ArchiveService.Archivist)).Translation;
        Assert.Equal((TranslationState.Disputed, 1), (disputed.State, disputed.Reviews.Count));
        Assert.Equal(disputed, (await archive.Client.ReviewTranslationAsync(request, ArchiveService.Archivist)).Translation);
        Assert.Equal((Verdict.TranslationDisputed, Verdict.Verified), (await CiteAsync(name, 1), await CiteAsync(name, 2)));
        Assert.Equal((StatusCode.FailedPrecondition, "TRANSLATION_DISPUTED"), await RefusalAsync(Review(name, 1, TranslationState.Confirmed, "third")));

        Assert.Equal(["review.reviewer"], await FieldsAsync(Review(name, 1, TranslationState.Rejected, "second", "I said so.")));
        await archive.Client.ReviewTranslationAsync(Review(name, 1, TranslationState.Rejected, "third", "The original says no."), ArchiveService.Archivist);
        Assert.Equal(Verdict.TranslationDisputed, await CiteAsync(name, 1));
        var rejected = await GetAsync(name, 1);
        Assert.Equal([TranslationState.Disputed, TranslationState.Rejected], rejected.Reviews.Select(review => review.Verdict));
        Assert.Equal(("second", "The original denies it."), (rejected.Reviews[0].Reviewer, rejected.Reviews[0].Reason));
        Assert.NotNull(rejected.Reviews[0].At);

        // What was said of it is part of what outsiders get, and no note of its own.
        Assert.Empty((await StatementAsync(name)).Annotations);
        using var bag = await ExportedBag.OfAsync(archive.Service, name);
        var verdict = await bag.VerifyAsync();
        Assert.True(verdict.ExitCode == VerifyCommand.Verified, verdict.Output);
        Assert.Contains(bag.Files.Where(file => file.EndsWith("record.json", StringComparison.Ordinal)), file =>
            System.Text.Encoding.UTF8.GetString(bag.Read(file)).Contains("The original denies it.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dispute_that_is_dismissed_leaves_the_version_citable_and_the_dispute_on_record()
    {
        var name = await TranslatedAsync("A word is a sparrow.");
        await archive.Client.ReviewTranslationAsync(Review(name, 1, TranslationState.Disputed, "second", "Wrong."), ArchiveService.Archivist);
        await archive.Client.ReviewTranslationAsync(Review(name, 1, TranslationState.Upheld, "third", "It is right."), ArchiveService.Archivist);
        Assert.Equal((TranslationState.Upheld, 2), ((await GetAsync(name, 1)).State, (await GetAsync(name, 1)).Reviews.Count));
        Assert.Equal(Verdict.Verified, await CiteAsync(name, 1));
    }

    [Fact]
    public async Task Says_what_is_wrong_with_a_review()
    {
        var name = await TranslatedAsync("A word is a sparrow.");
        Assert.Equal((StatusCode.FailedPrecondition, "TRANSLATION_NOT_DISPUTED"), await RefusalAsync(Review(name, 1, TranslationState.Upheld, "third", "It is right.")));
        Assert.Equal((StatusCode.NotFound, "TRANSLATION_NOT_FOUND"), await RefusalAsync(Review(name, 2, TranslationState.Confirmed, "second")));
        Assert.Equal((StatusCode.NotFound, "STATEMENT_NOT_FOUND"), await RefusalAsync(Review(name + "-x", 1, TranslationState.Confirmed, "second")));
        Assert.Equal(["review.reviewer"], await FieldsAsync(Review(name, 1, TranslationState.Confirmed, "translator")));
        Assert.Equal(["review.reason"], await FieldsAsync(Review(name, 1, TranslationState.Disputed, "second")));
        Assert.Equal(["review.version", "review.verdict", "review.reviewer", "review.reason"], await FieldsAsync(Review(name, 0, TranslationState.Unreviewed, "")));
        Assert.Equal(["review"], await FieldsAsync(new ReviewTranslationRequest { RequestId = Some.RequestId(), Parent = name }));
        Assert.Equal(TranslationState.Unreviewed, (await GetAsync(name, 1)).State);
    }

    private async Task<string> TranslatedAsync(params string[] versions)
    {
        var name = (await archive.Client.RecordAsync(Some.Subject(), statement: Some.Statement("Слово не воробей.", "ru"))).Name;
        foreach (var text in versions)
        {
            await archive.Client.AddTranslationAsync(
                new AddTranslationRequest { RequestId = Some.RequestId(), Parent = name, Translation = new Translation { Language = "en", Text = text, Translator = "translator" } },
                ArchiveService.Archivist);
        }

        return name;
    }

    private static ReviewTranslationRequest Review(string name, int version, TranslationState verdict, string reviewer, string reason = "") => new()
    {
        RequestId = Some.RequestId(),
        Parent = name,
        Review = new TranslationReview { Language = "en", Version = version, Verdict = verdict, Reviewer = reviewer, Reason = reason },
    };

    private async Task<Statement> StatementAsync(string name) => (await archive.Client.GetStatementAsync(new GetStatementRequest { Name = name }, ArchiveService.Reviewer)).Statement;

    private async Task<Translation> GetAsync(string name, int version) => (await StatementAsync(name)).Translations.Single(translation => translation.Version == version);

    private async Task<Verdict> CiteAsync(string name, int version)
    {
        var citation = Some.Citation(name, 0, 6, "A word");
        (citation.TranslationLanguage, citation.TranslationVersion) = ("en", version);
        return (await archive.Client.VerifyCitationsAsync(new VerifyCitationsRequest { Citations = { citation } }, ArchiveService.Review)).Findings.Single().Verdict;
    }

    private async Task<(StatusCode, string)> RefusalAsync(ReviewTranslationRequest request)
    {
        var (code, reason, _) = await Some.RefusalAsync(archive.Client.ReviewTranslationAsync(request, ArchiveService.Archivist));
        return (code, reason);
    }

    private async Task<IReadOnlyList<string>> FieldsAsync(ReviewTranslationRequest request)
        => (await Some.RefusalAsync(archive.Client.ReviewTranslationAsync(request, ArchiveService.Archivist))).Fields;
}
