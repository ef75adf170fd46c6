using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Testing;

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
        await TranslateAsync(stored.Name, "en", "Sparrow");
        Assert.Equal([stored.Name], await FindAsync("sparrow", subject));
        Assert.Empty(await FindAsync("слово sparrow", subject));
    }

    [Theory]
    [InlineData("Слово о полку", "\"слово о полку\"", true)]
    [InlineData("Слово о полку", "\"о слово\"", false)]
    [InlineData("Слово о полку", "полку слово", true)]
    [InlineData("人民民主专政", "民主专政", true)]
    [InlineData("人民，民主", "民民", false)]
    [InlineData("ประชาธิปไตยของประชาชน", "ประชาชน", true)]
    [InlineData("Об’єкт розмови", "об'єкт", true)]
    public async Task Keeps_together_what_is_in_quotes_or_written_together(string text, string query, bool isFound)
    {
        var subject = Some.Subject("search");
        var stored = await archive.Client.RecordAsync(subject, statement: Some.Statement(text, "und"));
        Assert.Equal(isFound ? [stored.Name] : [], await FindAsync(query, subject));
    }

    [Fact]
    public async Task Finds_words_far_into_a_long_text_and_phrases_wherever_its_parts_end()
    {
        var subject = Some.Subject("search");
        var words = Enumerable.Range(0, 9_000).Select(i => $"w{i}x").ToArray();
        await archive.Client.RecordAsync(subject, statement: Some.Statement(string.Join(' ', words)));
        foreach (var at in (int[])[0, 3_980, 3_990, 3_999, 7_975, 8_990])
        {
            Assert.Single(await FindAsync($"\"{string.Join(' ', words[at..(at + 10)])}\"", subject));
        }

        Assert.Empty(await FindAsync($"\"{words[1]} {words[3]}\"", subject));
    }

    [Fact]
    public async Task Says_how_each_was_found_in_which_version_and_where()
    {
        var subject = Some.Subject("search");
        var exact = await archive.Client.RecordAsync(subject, "exact", Some.Statement("🕊 Ein Café in Zürich, ein cafe.", "de-CH"));
        var near = await archive.Client.RecordAsync(subject, "near", Some.Statement("Viele Kafes."));
        var part = await archive.Client.RecordAsync(subject, "part", Some.Statement("слово", "ru"));
        await TranslateAsync(part.Name, "de", "Wort");
        await TranslateAsync(part.Name, "de", "Das Caféhaus");
        var found = await archive.Service.SearchAsync(new SearchStatementsRequest { Query = "CAFE", Subject = subject });
        Assert.Equal([exact.Name, part.Name], found.Statements.Select(statement => statement.Name));
        Assert.Equal([SearchMatch.Exact, SearchMatch.Part], found.Hits.Select(hit => hit.Match));
        Assert.Equal(
            new MatchedRendering { Language = "de-CH", Spans = { new TextSpan { Start = 6, End = 10, Exact = "Café" }, new TextSpan { Start = 26, End = 30, Exact = "cafe" } } },
            Assert.Single(found.Hits[0].Renderings));
        Assert.Equal(
            new MatchedRendering { Language = "de", Version = 2, Spans = { new TextSpan { Start = 4, End = 12, Exact = "Caféhaus" } } }, Assert.Single(found.Hits[1].Renderings));

        found = await archive.Service.SearchAsync(new SearchStatementsRequest { Query = "kaffes", Subject = subject });
        Assert.Equal((near.Name, SearchMatch.Near), (Assert.Single(found.Statements).Name, Assert.Single(found.Hits).Match));
        Assert.Equal("Kafes", Assert.Single(Assert.Single(found.Hits[0].Renderings).Spans).Exact);

        // Those who may not see words are not shown them here either.
        found = await archive.Service.SearchAsync(new SearchStatementsRequest { Query = "cafe", Subject = subject }, ArchiveService.Administrator);
        Assert.All(found.Hits.SelectMany(hit => hit.Renderings), rendering => Assert.Empty(rendering.Spans));
    }

    [Fact]
    public async Task Filters_by_speaker_group_language_and_day()
    {
        var subject = Some.Subject("search");
        var one = Some.Statement("word", "zh-Hant-HK");
        (one.Speaker, one.Uttered) = ("Élise_O'Neill", Some.Day("1975-03-04"));
        one.GroupsNamed.Add(["Wanderers of the North", "o'b\\d"]);
        var other = Some.Statement("word", "uk");
        (other.Speaker, other.Uttered) = ("other", new UncertainDate { Earliest = "1900-01-01", Latest = "1980-12-31", Precision = DatePrecision.Range, Confidence = Confidence.Low });
        var undated = Some.Statement("word", "uk");
        undated.Uttered = new UncertainDate { Precision = DatePrecision.Unknown, Confidence = Confidence.Low };
        await archive.Client.RecordAsync(subject, "one", one);
        await archive.Client.RecordAsync(subject, "other", other);
        await archive.Client.RecordAsync(subject, "undated", undated);

        foreach (var query in (string[])["", "word", "wor"])
        {
            await AssertFoundAsync(["one"], new SearchStatementsRequest { Speaker = "elise o'neill" });
            await AssertFoundAsync([], new SearchStatementsRequest { Speaker = "elise" });
            await AssertFoundAsync(["one"], new SearchStatementsRequest { GroupNamed = "WANDERERS of the north" });
            await AssertFoundAsync(["one"], new SearchStatementsRequest { GroupNamed = "o'b\\d" });
            await AssertFoundAsync(["one"], new SearchStatementsRequest { Language = "zh" });
            await AssertFoundAsync(["one"], new SearchStatementsRequest { Language = "ZH-hant" });
            await AssertFoundAsync(["undated", "other"], new SearchStatementsRequest { Language = "uk" });
            await AssertFoundAsync(["other", "one"], new SearchStatementsRequest { SaidFrom = "1975-03-04" });
            await AssertFoundAsync(["other"], new SearchStatementsRequest { SaidFrom = "1975-03-05" });
            await AssertFoundAsync(["other"], new SearchStatementsRequest { SaidFrom = "1975-03-05", SaidUntil = "1976-01-01" });
            await AssertFoundAsync(["other"], new SearchStatementsRequest { SaidUntil = "1975-03-03" });
            await AssertFoundAsync(["other", "one"], new SearchStatementsRequest { SaidUntil = "1975-03-04" });
            await AssertFoundAsync([], new SearchStatementsRequest { SaidFrom = "1981-01-01" });
            await AssertFoundAsync([], new SearchStatementsRequest { Language = "zh", SaidFrom = "1976-01-01" });

            async Task AssertFoundAsync(string[] expected, SearchStatementsRequest request)
            {
                (request.Query, request.Subject) = (query, subject);
                Assert.Equal(expected.Select(id => $"{subject}/statements/{id}"), (await archive.Service.SearchAsync(request)).Statements.Select(statement => statement.Name));
            }
        }
    }

    [Fact]
    public async Task A_statement_is_found_once_at_its_best_over_all_pages()
    {
        var subject = Some.Subject("search");
        for (var i = 0; i < 9; i++)
        {
            var name = (await archive.Client.RecordAsync(subject, $"s-{i}", Some.Statement((i % 3) switch { 0 => "solidarity", 1 => "solidaritys", _ => "solodarity" }))).Name;
            await TranslateAsync(name, "en", "Solidarityship");
        }

        var (found, token) = (new List<(string, SearchMatch)>(), "");
        do
        {
            var page = await archive.Service.SearchAsync(new SearchStatementsRequest { Query = "solidarity", Subject = subject, PageSize = 2, PageToken = token });
            found.AddRange(page.Statements.Zip(page.Hits, (statement, hit) => (statement.Name[^1..], hit.Match)));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal(
            [("6", SearchMatch.Exact), ("3", SearchMatch.Exact), ("0", SearchMatch.Exact), .. "875421".Select(i => (i.ToString(), SearchMatch.Part))], found);
    }

    [Fact]
    public async Task Is_made_anew_from_the_log_where_words_were_folded_by_other_rules()
    {
        await using var database = await TestDatabase.CreateAsync("archivedb");
        await using var service = await ArchiveService.StartAsync(database.ConnectionString);
        var name = (await service.Client.RecordAsync("subjects/rules", statement: Some.Statement("Old words", "en"))).Name;
        await service.Client.AddTranslationAsync(new AddTranslationRequest
        {
            RequestId = Some.RequestId(),
            Parent = name,
            Translation = new Translation { Language = "de", Text = "Alte Wörter", Translator = "t" },
        }, ArchiveService.Archivist);
        await service.FollowedAsync();
        await database.Database.InTransactionAsync(
            async tx =>
            {
                await tx.ExecuteAsync("UPDATE search_texts SET lexemes = 'other'");
                await tx.ExecuteAsync("UPDATE search_words SET word = word || 'x', uses = 7");
                await tx.ExecuteAsync("UPDATE search_progress SET rules = rules - 1");
            }, TestContext.Current.CancellationToken);
        await Eventually.BecomesTrueAsync(
            async () => (await service.SearchAsync(new SearchStatementsRequest { Query = "worter" })).Statements.Count == 1, TimeSpan.FromSeconds(60));
        Assert.Equal(["alte:1", "old:1", "words:1", "worter:1"], await WordsAsync());
        await service.Client.AddTranslationAsync(new AddTranslationRequest
        {
            RequestId = Some.RequestId(),
            Parent = name,
            Translation = new Translation { Language = "de", Text = "Alte Worte", Translator = "t" },
        }, ArchiveService.Archivist);
        await service.FollowedAsync();
        Assert.Equal(["alte:2", "old:1", "words:1", "worte:1", "worter:1"], await WordsAsync());

        Task<string[]> WordsAsync() => database.ScalarAsync<string[]>("SELECT array_agg(word || ':' || uses ORDER BY word) FROM search_words");
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
                var page = await archive.Service.SearchAsync(new SearchStatementsRequest { Query = query, Subject = subject, PageSize = 3, PageToken = token });
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
        var page = await archive.Service.SearchAsync(new SearchStatementsRequest { Subject = subject, PageSize = 1 });
        var refusal = await Some.RefusalAsync(
            archive.Client.SearchStatementsAsync(new SearchStatementsRequest { PageSize = 1, PageToken = page.NextPageToken }, ArchiveService.Reviewer));
        Assert.Equal("PAGE_TOKEN_INVALID", refusal.Reason);
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var request = new SearchStatementsRequest
        {
            Query = new string('x', 501),
            Subject = "nobody",
            RetractionState = (RetractionState)99,
            Speaker = new string('x', 201),
            Language = "?",
            SaidFrom = "2001-02-30",
            SaidUntil = "1/1/2001",
        };
        Assert.Equal(["language", "query", "retraction_state", "said_from", "said_until", "speaker", "subject"],
            (await Some.RefusalAsync(archive.Client.SearchStatementsAsync(request, ArchiveService.Reviewer))).Fields.Order(StringComparer.Ordinal));
        Assert.Equal(["said_until"], (await Some.RefusalAsync(archive.Client.SearchStatementsAsync(
            new SearchStatementsRequest { SaidFrom = "2001-02-03", SaidUntil = "2001-02-02" }, ArchiveService.Reviewer))).Fields);
        Assert.Equal(["page_size"],
            (await Some.RefusalAsync(archive.Client.SearchStatementsAsync(new SearchStatementsRequest { PageSize = -1 }, ArchiveService.Reviewer))).Fields);
    }

    private async Task<IEnumerable<string>> FindAsync(string query, string subject, RetractionState state = RetractionState.Unspecified)
        => (await archive.Service.SearchAsync(new SearchStatementsRequest { Query = query, Subject = subject, RetractionState = state }))
            .Statements.Select(statement => statement.Name);

    private async Task TranslateAsync(string statement, string language, string text) => await archive.Client.AddTranslationAsync(
        new AddTranslationRequest { RequestId = Some.RequestId(), Parent = statement, Translation = new Translation { Language = language, Text = text, Translator = "t" } },
        ArchiveService.Archivist);
}
