using Grpc.Core;
using Poc.Contracts.Review.V1;

namespace Poc.Review.Tests.Register;

public sealed class SearchRegisterTests(ReviewStack stack)
{
    private const string Letters = "bdfghklmnprstvz";
    private const string Cyrillic = "бдфгхклмнпрствз";

    [Fact]
    public async Task Finds_a_person_by_any_script_and_spelling_and_says_which_name_it_was()
    {
        var (latin, cyrillic) = Word();
        var name = await PersonAsync($"Олексій {cyrillic}", "Cyrl", $"Oleksii {latin}");
        var arabic = await PersonAsync($"{Word(Range('\u0641', '\u0648'))} محمد", "Arab", "Muhammad Zz" + latin);
        var chinese = await PersonAsync($"刘{Word(Range('\u5000', '\u5800'))}", "Hans");
        foreach (var query in (string[])[cyrillic, latin, latin.ToUpperInvariant(), $"{latin} Oleksii", $"Олексій {cyrillic}", $"{latin[..3]}{latin[4]}{latin[3]}{latin[5..]}"])
        {
            Assert.Contains(name, await FindAsync(query));
        }

        var match = (await SearchAsync(new SearchRegisterRequest { Query = $"oleksiy {latin}" })).Matches[0];
        Assert.Equal((name, 1f), (match.Entry.Name, match.Similarity));
        Assert.Contains(match.MatchedName, new[] { $"Олексій {cyrillic}", $"Oleksii {latin}" });
        Assert.Equal(arabic, Assert.Single(await FindAsync((await NativeAsync(arabic)).Split(' ')[0])));
        Assert.Equal(chinese, Assert.Single(await FindAsync((await NativeAsync(chinese))[1..3])));
        Assert.Empty(await FindAsync($"{latin} Gzhegozh"));
    }

    [Fact]
    public async Task Finds_nobody_of_whom_nothing_was_said_and_by_no_name_that_was_never_public()
    {
        var (first, second, third) = (Word().Latin, Word().Latin, Word().Latin);
        var name = await PersonAsync(first, "Latn", isPublic: false);
        Assert.Empty(await FindAsync(first));
        await CorrectAsync(name, second);
        await DesignateAsync(name);
        // Both were recorded long before anything was said.
        await (await stack.RunningAsync()).Database.Database.InTransactionAsync(
            tx => tx.ExecuteAsync("UPDATE register_names SET since = since - interval '20 years' WHERE subject = $1", SubjectOf(name)), TestContext.Current.CancellationToken);
        Assert.Empty(await FindAsync(first));
        Assert.Equal([name], await FindAsync(second));
        // What was public once leads to the entry still.
        await CorrectAsync(name, third);
        Assert.Equal([name], await FindAsync(second));
        Assert.Equal([name], await FindAsync(third));
        Assert.Equal([name], await FindAsync(third, DesignationState.Designated));
        Assert.Empty(await FindAsync(third, DesignationState.Closed));
        Assert.Empty((await SearchAsync(new SearchRegisterRequest { Query = third, AsOf = "2021-01-16" })).Matches);
    }

    [Fact]
    public async Task A_name_of_an_entry_that_was_merged_finds_the_one_under_which_it_is_read()
    {
        var (one, other) = (Word().Latin, Word().Latin);
        var (away, into) = (await PersonAsync(one, "Latn"), await PersonAsync(other, "Latn", isPublic: false));
        await ChangeAsync(new IdentityChange { Subject = SubjectOf(away), MergedInto = SubjectOf(into), Reason = "One person." });
        var match = Assert.Single((await SearchAsync(new SearchRegisterRequest { Query = one })).Matches);
        Assert.Equal((into, one), (match.Entry.Name, match.MatchedName));
        Assert.Equal([into], await FindAsync(other));
    }

    [Fact]
    public async Task Pages_through_all_of_a_name_once_the_best_first()
    {
        var word = Word().Latin;
        var names = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            names.Add(await PersonAsync(i == 4 ? word[..^1] : word, "Latn"));
        }

        var (found, token) = (new List<RegisterMatch>(), "");
        do
        {
            var page = await SearchAsync(new SearchRegisterRequest { Query = word, PageSize = 2, PageToken = token });
            found.AddRange(page.Matches);
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal([.. names[..4].Order(StringComparer.Ordinal), names[4]], found.Select(static match => match.Entry.Name));
        Assert.InRange(found[4].Similarity, 0.5, 0.99);
    }

    [Fact]
    public async Task Names_every_field_that_is_wrong()
    {
        var client = (await stack.RunningAsync()).Register;
        var refused = await client.SearchRegisterAsync(new SearchRegisterRequest { Query = "-!-", DesignationState = (DesignationState)99, AsOf = "2999-01-01" })
            .RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        Assert.Equal(["as_of", "designation_state", "query"], refused.WrongFields().Order(StringComparer.Ordinal));
    }

    private async Task<string> PersonAsync(string native, string script, string transliteration = "", bool isPublic = true)
    {
        var running = await stack.RunningAsync();
        var id = Some.Id("named");
        var subject = new Subject { NativeName = native, Script = script, Synthetic = true };
        subject.Transliterations.AddRange(transliteration.Length > 0 ? [transliteration] : []);
        await running.Client.CreateSubjectAsync(new CreateSubjectRequest { RequestId = Some.RequestId(), SubjectId = id, Subject = subject }, Staff.Officer);
        await running.Client.OpenEpisodeAsync(new OpenEpisodeRequest
        {
            RequestId = Some.RequestId(),
            Parent = $"subjects/{id}",
            EpisodeId = "e1",
            Episode = new Episode { DetainedOn = "2021-01-17", Description = "Synthetic." },
        }, Staff.Officer);
        if (isPublic)
        {
            await DesignateAsync($"register/{id}");
        }

        return $"register/{id}";
    }

    private async Task DesignateAsync(string name) => await (await stack.RunningAsync()).Client.RecordPastDesignationAsync(
        new RecordPastDesignationRequest { RequestId = Some.RequestId(), Episode = $"{SubjectOf(name)}/episodes/e1", DesignatedOn = "2021-01-17", Source = "Synthetic." }, Staff.Approver);

    private Task CorrectAsync(string name, string to) => ChangeAsync(new IdentityChange
    {
        Subject = SubjectOf(name),
        Corrected = new Identity { NativeName = to, Script = "Latn" },
        Reason = "The passport says so.",
    });

    private async Task ChangeAsync(IdentityChange change)
    {
        var client = (await stack.RunningAsync()).Client;
        var proposed = (await client.ProposeIdentityChangeAsync(new ProposeIdentityChangeRequest { RequestId = Some.RequestId(), IdentityChange = change }, Staff.Officer)).IdentityChange;
        await client.ConfirmIdentityChangeAsync(new ConfirmIdentityChangeRequest { RequestId = Some.RequestId(), Name = proposed.Name }, Staff.Approver);
    }

    private async Task<SearchRegisterResponse> SearchAsync(SearchRegisterRequest request) => await (await stack.RunningAsync()).Register.SearchRegisterAsync(request);

    private async Task<IEnumerable<string>> FindAsync(string query, DesignationState state = DesignationState.Unspecified) =>
        (await SearchAsync(new SearchRegisterRequest { Query = query, DesignationState = state })).Matches.Select(static match => match.Entry.Name);

    private async Task<string> NativeAsync(string name) =>
        (await (await stack.RunningAsync()).Register.GetRegisterEntryAsync(new GetRegisterEntryRequest { Name = name })).Entry.NativeName;

    private static string SubjectOf(string name) => $"subjects{name["register".Length..]}";

    // A name that no other test uses, in two scripts.
    private static (string Latin, string Cyrillic) Word()
    {
        var places = Enumerable.Range(0, 10).Select(static _ => Random.Shared.Next(Letters.Length)).ToList();
        return (string.Concat(places.Select(static (at, i) => $"{Letters[at]}{(i % 2 == 0 ? "a" : "o")}")), string.Concat(places.Select(static (at, i) => $"{Cyrillic[at]}{(i % 2 == 0 ? "а" : "о")}")));
    }

    private static string Word(string letters) => string.Concat(Enumerable.Range(0, 8).Select(_ => letters[Random.Shared.Next(letters.Length)]));

    private static string Range(char first, char last) => string.Concat(Enumerable.Range(first, last - first + 1).Select(static letter => (char)letter));
}
