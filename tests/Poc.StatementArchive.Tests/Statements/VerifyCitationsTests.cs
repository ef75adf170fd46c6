using Grpc.Core;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Kernel.Merkle;
using Poc.Kernel.Notes;
using Poc.StatementArchive.Keys;
using Verdict = Poc.Contracts.StatementArchive.V1.CitationFinding.Types.Verdict;

namespace Poc.StatementArchive.Tests.Statements;

public sealed class VerifyCitationsTests(SharedArchive archive)
{
    private const string Text = "Слово 😀 не воробей";

    [Fact]
    public async Task Verifies_words_at_their_code_points_with_a_proof_that_others_can_check()
    {
        var stored = await RecordAsync();
        var finding = await VerifyAsync(Some.Citation(stored.Name, 6, 10, "😀 не"));

        Assert.Equal(Verdict.Verified, finding.Verdict);
        Assert.Equal(stored.ContentSha256, finding.ContentSha256);
        Assert.Equal(RetractionState.Unknown, finding.RetractionState);
        var checkpoint = Checkpoint.Open(
            finding.Proof.Checkpoint, NoteKey.Parse((await archive.Client.GetCheckpointAsync(new GetCheckpointRequest())).VerifierKey));
        Assert.True(ProofVerifier.Inclusion(
            finding.Proof.LeafHash.Span, stored.LogIndex, checkpoint.Size, [.. finding.Proof.Path.Select(hash => hash.ToByteArray())], checkpoint.RootHash));
    }

    [Theory]
    [InlineData(6, 10, "😀 на")]
    [InlineData(7, 11, "😀 не")]
    [InlineData(6, 11, "😀 не")]
    [InlineData(0, 100, "Слово")]
    [InlineData(5, 5, "")]
    [InlineData(-1, 4, "Слово")]
    [InlineData(10, 6, "😀 не")]
    public async Task Refuses_words_that_do_not_stand_there(int start, int end, string exact)
        => Assert.Equal(Verdict.SpanMismatch, (await VerifyAsync(Some.Citation((await RecordAsync()).Name, start, end, exact))).Verdict);

    [Fact]
    public async Task Refuses_a_citation_without_a_span()
    {
        var name = (await RecordAsync()).Name;
        Assert.Equal(Verdict.SpanMissing, (await VerifyAsync(new Citation { Statement = name })).Verdict);
        Assert.Equal(Verdict.SpanMissing, (await VerifyAsync(new Citation { Statement = name, Span = new Span() })).Verdict);
    }

    [Fact]
    public async Task Refuses_a_statement_it_does_not_have()
    {
        Assert.Equal(Verdict.StatementUnknown, (await VerifyAsync(Some.Citation("subjects/nobody/statements/none", 0, 1, "x"))).Verdict);
        Assert.Equal(Verdict.StatementUnknown, (await VerifyAsync(Some.Citation("his statements of 2007", 0, 1, "x"))).Verdict);
    }

    [Fact]
    public async Task Refuses_a_report_that_specifies_no_words()
    {
        var statement = Some.Statement("\"Discriminatory statements\" are reported.");
        statement.ContentKind = ContentKind.UnspecifiedReport;
        var stored = await archive.Client.RecordAsync(Some.Subject(), statement: statement);
        Assert.Equal(Verdict.NotSpecific, (await VerifyAsync(Some.Citation(stored.Name, 1, 15, "Discriminatory"))).Verdict);
    }

    [Theory]
    [InlineData(0, 60_000, Verdict.Verified)]
    [InlineData(59_999, 60_000, Verdict.Verified)]
    [InlineData(0, 60_001, Verdict.SpanMismatch)]
    [InlineData(10, 10, Verdict.SpanMismatch)]
    [InlineData(-1, 10, Verdict.SpanMismatch)]
    public async Task A_part_of_a_recording_lies_within_it(long start, long end, Verdict expected)
    {
        var statement = Some.Statement();
        statement.MediaDurationMs = 60_000;
        var stored = await archive.Client.RecordAsync(Some.Subject(), statement: statement);
        Assert.Equal(expected, (await VerifyAsync(Media(stored.Name, start, end))).Verdict);
    }

    [Fact]
    public async Task A_text_has_no_part_in_time()
        => Assert.Equal(Verdict.SpanMismatch, (await VerifyAsync(Media((await RecordAsync()).Name, 0, 1))).Verdict);

    [Fact]
    public async Task Verifies_the_version_of_a_translation_that_was_read()
    {
        var stored = await RecordAsync();
        await TranslateAsync(stored.Name, "en", "A word is no sparrow");
        await TranslateAsync(stored.Name, "en", "The word is no sparrow");

        Assert.Equal(Verdict.Verified, (await VerifyAsync(Translated(stored.Name, "en", 1, "A word"))).Verdict);
        Assert.Equal(Verdict.SpanMismatch, (await VerifyAsync(Translated(stored.Name, "en", 2, "A word"))).Verdict);
        Assert.Equal(Verdict.TranslationUnknown, (await VerifyAsync(Translated(stored.Name, "en", 3, "A word"))).Verdict);
        Assert.Equal(Verdict.TranslationUnknown, (await VerifyAsync(Translated(stored.Name, "de", 1, "A word"))).Verdict);
        Assert.Equal(Verdict.TranslationUnknown, (await VerifyAsync(Translated(stored.Name, "en", 0, "A word"))).Verdict);
        Assert.Equal(Verdict.TranslationUnknown, (await VerifyAsync(Translated(stored.Name, "", 1, "A word"))).Verdict);
    }

    [Fact]
    public async Task Finds_out_when_somebody_changed_the_content()
    {
        var stored = await RecordAsync();
        Assert.Equal(1, await RewriteAsync("statements", $"name = '{stored.Name}'", evidence => evidence with { Text = evidence.Text!.Replace("не", "ни", StringComparison.Ordinal) }));
        var finding = await VerifyAsync(Some.Citation(stored.Name, 0, 5, "Слово"));
        Assert.Equal(Verdict.ContentChanged, finding.Verdict);
        Assert.NotEqual(stored.ContentSha256, finding.ContentSha256);
        Assert.Null(finding.Proof);
    }

    [Fact]
    public async Task Finds_out_when_somebody_without_the_keys_changed_what_is_sealed()
    {
        var stored = await RecordAsync();
        Assert.Equal(1, await archive.TamperAsync("UPDATE statements SET sealed = set_byte(sealed, 60, get_byte(sealed, 60) # 1) WHERE name = $1", stored.Name));
        var finding = await VerifyAsync(Some.Citation(stored.Name, 0, 5, "Слово"));
        Assert.Equal(Verdict.ContentChanged, finding.Verdict);
        Assert.Null(finding.Proof);
        Assert.Equal((StatusCode.DataLoss, "CONTENT_CHANGED"), Short(await Some.RefusalAsync(
            archive.Client.GetStatementAsync(new GetStatementRequest { Name = stored.Name }, ArchiveService.Reviewer))));

        static (StatusCode, string) Short((StatusCode Code, string Reason, IReadOnlyList<string> Fields) refusal) => (refusal.Code, refusal.Reason);
    }

    [Theory]
    [InlineData("speaker-handle", "someone-else")]
    [InlineData("CONTENT_KIND_DESCRIPTION", "CONTENT_KIND_VERBATIM")]
    [InlineData("2007-09-01", "2021-09-01")]
    [InlineData("", "")]
    public async Task Finds_out_when_somebody_changed_what_is_recorded_about_it(string old, string @new)
    {
        var stored = await RecordAsync();
        Assert.Equal(1, await RewriteAsync("statements", $"name = '{stored.Name}'", evidence => old.Length == 0
            ? evidence with { Nonce = new byte[32] }
            : evidence with { Record = evidence.Record!.Replace(old, @new, StringComparison.Ordinal) }));
        Assert.Equal(Verdict.ContentChanged, (await VerifyAsync(Some.Citation(stored.Name, 0, 5, "Слово"))).Verdict);
    }

    [Fact]
    public async Task Finds_out_when_somebody_renamed_a_statement()
    {
        var stored = await RecordAsync();
        await archive.TamperAsync("UPDATE statements SET name = name || '-2' WHERE name = $1", stored.Name);
        Assert.Equal(Verdict.ContentChanged, (await VerifyAsync(Some.Citation(stored.Name + "-2", 0, 5, "Слово"))).Verdict);
    }

    [Fact]
    public async Task Finds_out_when_somebody_changed_content_entry_and_nonce_so_that_they_agree()
    {
        var (mine, other) = (await RecordAsync(), await archive.Client.RecordAsync(Some.Subject(), statement: Some.Statement("Слово другое")));
        await ProvenAsync(other.LogIndex);
        Evidence? others = null;
        await RewriteAsync("statements", $"name = '{other.Name}'", evidence => others = evidence);
        await RewriteAsync("statements", $"name = '{mine.Name}'", _ => others!);
        await archive.TamperAsync(
            "UPDATE log_entries e SET body = o.body FROM log_entries o WHERE e.index = $1 AND o.index = $2", mine.LogIndex, other.LogIndex);
        Assert.Equal(Verdict.InclusionUnproven, (await VerifyAsync(Some.Citation(mine.Name, 0, 5, "Слово"))).Verdict);
    }

    [Fact]
    public async Task Finds_out_when_somebody_points_a_statement_to_the_entry_of_another()
    {
        var (mine, other) = (await RecordAsync(), await RecordAsync());
        await archive.TamperAsync(
            "UPDATE statements SET entry_id = (SELECT entry_id FROM log_entries WHERE index = $2) WHERE name = $1", mine.Name, other.LogIndex);
        Assert.Equal(Verdict.InclusionUnproven, (await VerifyAsync(Some.Citation(mine.Name, 0, 5, "Слово"))).Verdict);
    }

    [Theory]
    [InlineData("UPDATE log_entries SET body = set_byte(body, 20, get_byte(body, 20) # 1) WHERE index = $1")]
    [InlineData("UPDATE log_entries SET body = body || ' '::bytea WHERE index = $1")]
    [InlineData("DELETE FROM log_entries WHERE index = $1")]
    public async Task Finds_out_when_somebody_changed_the_entry(string sql)
    {
        var stored = await RecordAsync();
        await ProvenAsync(stored.LogIndex);
        Assert.Equal(1, await archive.TamperAsync(sql, stored.LogIndex));
        Assert.Equal(Verdict.InclusionUnproven, (await VerifyAsync(Some.Citation(stored.Name, 0, 5, "Слово"))).Verdict);
    }

    [Fact]
    public async Task Finds_out_when_somebody_changed_a_translation_or_what_it_translates()
    {
        var stored = await RecordAsync();
        await TranslateAsync(stored.Name, "en", "A word is no sparrow");
        await TranslateAsync(stored.Name, "de", "Ein Wort");
        Assert.Equal(1, await RewriteAsync(
            "translations", $"language = 'en' AND statement_id = (SELECT statement_id FROM statements WHERE name = '{stored.Name}')",
            evidence => evidence with { Text = "A word is a sparrow" }));
        Assert.Equal(Verdict.ContentChanged, (await VerifyAsync(Translated(stored.Name, "en", 1, "A word"))).Verdict);
        Assert.Equal(Verdict.Verified, (await VerifyAsync(Translated(stored.Name, "de", 1, "Ein Wo"))).Verdict);

        await RewriteAsync("statements", $"name = '{stored.Name}'", evidence => evidence with { Text = evidence.Text + "!" });
        Assert.Equal(Verdict.ContentChanged, (await VerifyAsync(Translated(stored.Name, "de", 1, "Ein Wo"))).Verdict);
    }

    [Fact]
    public async Task Answers_each_citation_in_order_with_what_its_ledger_folds_to()
    {
        var (one, two) = (await RecordAsync(), await RecordAsync());
        await archive.Client.RecordRetractionEntryAsync(Some.Entry(two.Name, RetractionFinding.Against, Some.Year(2017)), ArchiveService.Archivist);
        Citation[] citations = [Some.Citation(two.Name, 0, 5, "Слово"),
            Some.Citation(one.Name, 0, 5, "слово"), Some.Citation("subjects/x/statements/none", 0, 1, "x"), Some.Citation(two.Name, 0, 5, "Слово")];
        var findings = (await archive.Client.VerifyCitationsAsync(new VerifyCitationsRequest { Citations = { citations } }, ArchiveService.Review)).Findings;
        Assert.Equal(citations, findings.Select(finding => finding.Citation));
        Assert.Equal([Verdict.Verified, Verdict.SpanMismatch, Verdict.StatementUnknown, Verdict.Verified], findings.Select(finding => finding.Verdict));
        Assert.Equal([RetractionState.Reaffirmed, RetractionState.Unknown, RetractionState.Unspecified, RetractionState.Reaffirmed],
            findings.Select(finding => finding.RetractionState));
    }

    [Fact]
    public async Task Takes_at_most_a_hundred()
    {
        var name = (await RecordAsync()).Name;
        var request = new VerifyCitationsRequest { Citations = { Enumerable.Range(0, 100).Select(_ => Some.Citation(name, 0, 5, "Слово")) } };
        Assert.All((await archive.Client.VerifyCitationsAsync(request, ArchiveService.Review)).Findings, finding =>
            Assert.Equal(Verdict.Verified, finding.Verdict));
        request.Citations.Add(Some.Citation(name, 0, 5, "Слово"));
        Assert.Equal(["citations"], (await Some.RefusalAsync(archive.Client.VerifyCitationsAsync(request, ArchiveService.Review))).Fields);
    }

    private Task<Statement> RecordAsync() => archive.Client.RecordAsync(Some.Subject(), statement: Some.Statement(Text, "ru"));

    private async Task<CitationFinding> VerifyAsync(Citation citation)
        => Assert.Single((await archive.Client.VerifyCitationsAsync(new VerifyCitationsRequest { Citations = { citation } }, ArchiveService.Review)).Findings);

    // Signed over before it is changed: the integrator hashes what it finds.
    private async Task ProvenAsync(long index) => await archive.Client.GetInclusionProofAsync(new GetInclusionProofRequest { LogIndex = index });

    private async Task TranslateAsync(string statement, string language, string text) => await archive.Client.AddTranslationAsync(new AddTranslationRequest
    {
        RequestId = Some.RequestId(),
        Parent = statement,
        Translation = new Translation { Language = language, Text = text, Translator = "translator-handle" },
    }, ArchiveService.Archivist);

    private static Citation Translated(string statement, string language, int version, string exact)
    {
        var citation = Some.Citation(statement, 0, exact.Length, exact);
        (citation.TranslationLanguage, citation.TranslationVersion) = (language, version);
        return citation;
    }

    private static Citation Media(string statement, long start, long end)
        => new() { Statement = statement, Span = new Span { Media = new MediaSpan { StartMs = start, EndMs = end } } };

    private Task<int> RewriteAsync(string table, string where, Func<Evidence, Evidence> change) => TestKeys.RewriteAsync(archive.Database.Database, table, where, change);
}
