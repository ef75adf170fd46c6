using Poc.Contracts.StatementArchive.V1;

namespace Poc.StatementArchive.Tests.Statements;

public sealed class SearchStatementsTests(SharedArchive archive)
{
    [Theory]
    [InlineData("Он сравнил людей с насекомыми", "ЛЮДЕЙ")]
    [InlineData("Он сравнил людей с насекомыми", "насек")]
    [InlineData("Всё ещё впереди", "все еще")]
    [InlineData("Він сказав це в Києві", "києві сказав")]
    [InlineData("A café in Zürich", "zurich cafe")]
    [InlineData("Deportation and dentistry", "dentistry, deportation!")]
    [InlineData("Deportation and dentistry", "deportatoin")]
    [InlineData("他们在北京的民主墙上写字", "民主")]
    [InlineData("他们在北京的民主墙上写字", "墙")]
    [InlineData("他们在北京的民主墙上写字", "北京 写字")]
    [InlineData("民主主義について話した", "ついて")]
    [InlineData("표현의 자유를 말했다", "자유")]
    [InlineData("ＦＵＬＬ width", "full")]
    [InlineData("قَالَ كَلِمَةً", "كلمة")]
    [InlineData("शांति की बात", "शांति")]
    [InlineData("50% of handle_x", "50")]
    public async Task Finds_words_in_any_script(string text, string query)
    {
        var subject = Some.Subject("search");
        var stored = await archive.Client.RecordAsync(subject, statement: Some.Statement(text, "und"));
        Assert.Equal([stored.Name], await FindAsync(query, subject));
    }

    [Theory]
    [InlineData("Он сравнил людей с насекомыми", "рыбами")]
    [InlineData("Deportation and dentistry", "deportation astronomy")]
    [InlineData("他们在北京的民主墙上写字", "主民")]
    [InlineData("他们在北京的民主墙上写字", "北墙")]
    [InlineData("Deportation and dentistry", "%")]
    [InlineData("Deportation and dentistry", "_")]
    [InlineData("Deportation and dentistry", "' OR 1=1 --")]
    public async Task Does_not_find_what_is_not_there(string text, string query)
    {
        var subject = Some.Subject("search");
        await archive.Client.RecordAsync(subject, statement: Some.Statement(text, "und"));
        Assert.Empty(await FindAsync(query, subject));
    }

    [Fact]
    public async Task Finds_a_statement_by_its_translation()
    {
        var subject = Some.Subject("search");
        var stored = await archive.Client.RecordAsync(subject, statement: Some.Statement("Слово", "ru"));
        await archive.Client.AddTranslationAsync(new AddTranslationRequest
        {
            RequestId = Some.RequestId(),
            Parent = stored.Name,
            Translation = new Translation { Language = "en", Text = "Sparrow", Translator = "t" },
        }, ArchiveService.Archivist);
        Assert.Equal([stored.Name], await FindAsync("sparrow", subject));
        Assert.Empty(await FindAsync("слово sparrow", subject));
    }

    [Fact]
    public async Task Puts_the_word_itself_before_what_resembles_it_and_newer_before_older()
    {
        var subject = Some.Subject("search");
        var older = await archive.Client.RecordAsync(subject, "older", Some.Statement("A dentistry of words"));
        var alike = await archive.Client.RecordAsync(subject, "alike", Some.Statement("A dentistri of words"));
        var newer = await archive.Client.RecordAsync(subject, "newer", Some.Statement("Another dentistry"));
        Assert.Equal([newer.Name, older.Name, alike.Name], await FindAsync("dentistry", subject));
    }

    [Fact]
    public async Task Pages_through_everything_once()
    {
        var subject = Some.Subject("search");
        for (var i = 0; i < 7; i++)
        {
            await archive.Client.RecordAsync(subject, $"s-{i}", Some.Statement($"number {i} word"));
        }

        foreach (var query in new[] { "", "word" })
        {
            var (found, token) = (new List<string>(), "");
            do
            {
                var page = await archive.Client.SearchStatementsAsync(
                    new SearchStatementsRequest { Query = query, Subject = subject, PageSize = 3, PageToken = token }, ArchiveService.Reviewer);
                found.AddRange(page.Statements.Select(statement => statement.Name));
                token = page.NextPageToken;
            }
            while (token.Length > 0);

            Assert.Equal(Enumerable.Range(0, 7).Reverse().Select(i => $"{subject}/statements/s-{i}"), found);
        }
    }

    [Fact]
    public async Task Filters_by_what_the_ledger_folds_to()
    {
        var subject = Some.Subject("search");
        var plain = await archive.Client.RecordAsync(subject, "plain");
        var retracted = await archive.Client.RecordAsync(subject, "retracted");
        await archive.Client.RecordRetractionEntryAsync(Some.Entry(retracted.Name, RetractionFinding.Full, Some.Year(2013)), ArchiveService.Archivist);
        Assert.Equal([retracted.Name], await FindAsync("", subject, RetractionState.Full));
        Assert.Equal([plain.Name], await FindAsync("", subject, RetractionState.Unknown));
        Assert.Empty(await FindAsync("", subject, RetractionState.Restated));
    }

    [Fact]
    public async Task A_token_is_of_no_use_for_another_search()
    {
        var subject = Some.Subject("search");
        await archive.Client.RecordAsync(subject, "s1");
        await archive.Client.RecordAsync(subject, "s2");
        var page = await archive.Client.SearchStatementsAsync(new SearchStatementsRequest { Subject = subject, PageSize = 1 }, ArchiveService.Reviewer);
        var refusal = await Some.RefusalAsync(
            archive.Client.SearchStatementsAsync(new SearchStatementsRequest { PageSize = 1, PageToken = page.NextPageToken }, ArchiveService.Reviewer));
        Assert.Equal("PAGE_TOKEN_INVALID", refusal.Reason);
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var request = new SearchStatementsRequest { Query = new string('x', 501), Subject = "nobody", RetractionState = (RetractionState)99 };
        Assert.Equal(["query", "retraction_state", "subject"],
            (await Some.RefusalAsync(archive.Client.SearchStatementsAsync(request, ArchiveService.Reviewer))).Fields.Order(StringComparer.Ordinal));
        Assert.Equal(["page_size"],
            (await Some.RefusalAsync(archive.Client.SearchStatementsAsync(new SearchStatementsRequest { PageSize = -1 }, ArchiveService.Reviewer))).Fields);
    }

    private async Task<IEnumerable<string>> FindAsync(string query, string subject, RetractionState state = RetractionState.Unspecified)
        => (await archive.Client.SearchStatementsAsync(
            new SearchStatementsRequest { Query = query, Subject = subject, RetractionState = state }, ArchiveService.Reviewer))
            .Statements.Select(statement => statement.Name);
}
