using System.Text;
using System.Text.RegularExpressions;
using CsCheck;

namespace Poc.Protocols.Tests;

/// <summary>Every rule of docs/protocol-rules.md with a document that breaks it.</summary>
public sealed partial class LinterTests
{
    private const string Panel = "  minimum_size: 3\n  quorum: 3\n";

    /// <summary>Rule, what is replaced in v1.yaml, by what. A replaced "" stands for the whole document.</summary>
    public static TheoryData<string, string, string> Broken => new()
    {
        { "file-too-large", "", new string('#', RulesDocument.MaximumBytes + 1) },
        { "file-empty", "", "" },
        { "file-empty", "", "# only words\n" },
        { "file-empty", "", "---\n" },
        { "yaml-syntax", "title: Strict protocol", "title: [Strict protocol" },
        { "yaml-tab", Panel, "\tminimum_size: 3\n\tquorum: 3\n" },
        { "yaml-anchor", "title: Strict protocol", "title: &name Strict protocol" },
        { "yaml-anchor", "signatures: [panel-chair, approver]", "signatures: &s [panel-chair, approver]\nmandatory_audiences: *s" },
        { "yaml-tag", "title: Strict protocol", "title: !!str Strict protocol" },
        { "yaml-documents", "appellants: [subject, counsel]", "appellants: [subject, counsel]\n---\nversion: 2\n" },
        { "yaml-depth", "title: Strict protocol", "title: " + new string('[', 60_000) + new string(']', 60_000) },
        { "key-unknown", "title:", "headline:" },
        { "key-unknown", Panel, Panel + "  states: [open, closed]\n" },
        { "key-duplicate", "title: Strict protocol", "title: Strict protocol\ntitle: Lax protocol" },
        { "key-duplicate", Panel, Panel + "  quorum: 1\n" },
        { "key-missing", "version: 1\n", "" },
        { "key-missing", "version: 1\n", "version: 1\nprecedents: { answer: 3 }\n" },
        { "number-range", "version: 1\n", "version: 1\nprecedents: { answer: 3, nearness: 101 }\n" },
        { "key-missing", "  rule: exceeds-against", "  tie: fails" },
        { "type-mapping", "", "- a list" },
        { "type-mapping", "scale: { minimum: 0, maximum: 4 }", "scale: 4" },
        { "type-list", "appellants: [subject, counsel]", "appellants: subject" },
        { "type-text", "title: Strict protocol", "title: [Strict, protocol]" },
        { "type-text", "[subject, counsel]", "[subject, [counsel]]" },
        { "type-number", "quorum: 3", "quorum: three" },
        { "type-number", "quorum: 3", "quorum: \"3\"" },
        { "type-number", "quorum: 3", "quorum: 2.5" },
        { "type-number", "version: 1", "version: 99999999999999999999" },
        { "type-date", "version: 1", "version: 1\neffective_from: 7 May 2021" },
        { "type-date", "version: 1", "version: 1\neffective_from: 2021-02-30" },
        { "text-blank", "title: Strict protocol", "title: ~" },
        { "text-blank", "title: Strict protocol", "title: \"  \"" },
        { "number-range", "version: 1", "version: 0" },
        { "number-range", "quorum: 3", "quorum: -1" },
        { "term-range", "voting_term_days: 14", "voting_term_days: 0" },
        { "term-range", "voting_term_days: 14", "voting_term_days: -14" },
        { "term-range", "voting_term_days: 14", "voting_term_days: 366" },
        { "list-empty", "appellants: [subject, counsel]", "appellants: []" },
        { "list-short", "signatures: [panel-chair, approver]", "signatures: [approver]" },
        { "list-repeats", "appellants: [subject, counsel]", "appellants: [subject, subject]" },
        { "value-unknown", "rule: exceeds-against", "rule: applause" },
        { "value-unknown", "rule: exceeds-against", "rule: exceeds-against\n  tie: lot" },
        { "value-unknown", "[COUNSEL_AND_FAMILY, SECTIONS]", "[PUBLIC]" },
        { "value-unknown", "questions: [designate, delist, redesignate, appeal]\n\n", "questions: [designate, delist, redesignate, appeal, 3]\n\n" },
        { "id-form", "id: advocacy-of-violence", "id: Advocacy of Violence" },
        { "id-duplicate", "id: advocacy-of-discrimination", "id: advocacy-of-violence" },
        { "paragraph-duplicate", "\"2.2\"", "\"2.1\"" },
        { "question-without-criterion", "questions: [designate, delist, redesignate, appeal]\n    text", "questions: [designate, redesignate, appeal]\n    text" },
        { "criterion-question-unanswered", "questions: [designate, delist, redesignate, appeal]\n\n", "questions: [designate, delist, redesignate]\n\n" },
        { "criterion-question-unanswered", "version: 1", "version: 1\nquestions: [designate]\nadmissibility: { delist: { any_of: [advocacy-of-violence] } }" },
        { "state-unreachable", "questions: [designate, delist, redesignate, appeal]\n\n", "questions: [delist]\n\n" },
        { "admissibility-form", "version: 1", "version: 1\nadmissibility: { delist: {} }" },
        { "admissibility-form", "version: 1", "version: 1\nadmissibility: { delist: { any_of: [advocacy-of-violence], all_of: [advocacy-of-violence] } }" },
        { "criterion-unknown", "version: 1", "version: 1\nadmissibility: { delist: { any_of: [advocacy-of-violense] } }" },
        { "criterion-not-for-question", "version: 1", "version: 1\nadmissibility: { delist: { any_of: [detained-for-conscience] } }" },
        { "quorum-exceeds-panel", "quorum: 3", "quorum: 4" },
        { "quorum-minority", "quorum: 3", "quorum: 1" },
        { "panel-bounds", Panel, Panel + "  maximum_size: 1\n" },
        { "tie-undecided", Panel, "  minimum_size: 4\n  quorum: 3\n" },
        { "tie-undecided", Panel, Panel + "  maximum_size: 6\n" },
        { "majority-share", "rule: exceeds-against", "rule: share\n  numerator: 1\n  denominator: 2" },
        { "majority-share", "rule: exceeds-against", "rule: share\n  numerator: 4\n  denominator: 3" },
        { "rabat-factors", "- id: intent", "- id: mood" },
    };

    private static string Shipped(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Protocols", name));

    [Theory]
    [MemberData(nameof(Broken))]
    public void Finds_what_breaks_a_rule(string rule, string there, string instead)
    {
        var document = Shipped("v1.yaml");
        Assert.Contains(there, document, StringComparison.Ordinal);
        var (rules, findings) = RulesDocument.Check("v9.yaml", there.Length == 0 ? instead : document.Replace(there, instead, StringComparison.Ordinal));
        var found = Assert.Single(findings.DistinctBy(static finding => finding.Rule), finding => finding.Rule == rule);
        Assert.Equal(findings.Any(static finding => finding.Severity == Severity.Error), rules is null);
        Assert.True(found.Line >= 1 && found.Column >= 1);
        Assert.Equal(rule is "paragraph-duplicate" or "state-unreachable" or "quorum-minority", found.Severity == Severity.Warning);
    }

    [Theory]
    [InlineData("v1.yaml")]
    [InlineData("v2.yaml")]
    [InlineData("examples/pace-1900.yaml")]
    public void Has_nothing_to_say_about_what_is_shipped(string name) => Assert.Empty(RulesDocument.Check(name, Shipped(name)).Findings);

    [Fact]
    public void Says_all_that_is_wrong_at_once_in_the_order_of_the_document()
    {
        var document = Shipped("v1.yaml").Replace("quorum: 3", "quorum: 4", StringComparison.Ordinal).Replace("title:", "titel:", StringComparison.Ordinal)
            .Replace("voting_term_days: 14", "voting_term_days: 0", StringComparison.Ordinal).Replace("- id: intent", "- id: mood", StringComparison.Ordinal);
        var findings = RulesDocument.Check("v9.yaml", document).Findings;
        Assert.Equal(["key-missing", "key-unknown", "rabat-factors", "quorum-exceeds-panel", "term-range"], findings.Select(static finding => finding.Rule));
        Assert.Equal("v9.yaml:3:1: error key-unknown: titel: is not a key here, and nothing would follow it; did you mean title?",
            findings[1].ToString().Split("; known here")[0]);
    }

    [Fact]
    public void Compares_documents_that_are_used_together()
    {
        (string, Rules) As(string name, string version, string? day = null) => (name, RulesDocument.Parse(name,
            Shipped("v1.yaml").Replace("version: 1", day is null ? version : $"{version}\neffective_from: {day}", StringComparison.Ordinal)));
        Assert.Empty(ProtocolSet.Check([As("a", "version: 1", "2021-01-01"), As("b", "version: 2", "2021-05-07")]));
        Assert.Equal(["version-duplicate"], Rules([As("a", "version: 1"), As("b", "version: 1")]));
        Assert.Equal(["version-gap"], Rules([As("a", "version: 1"), As("b", "version: 3")]));
        Assert.Equal(["effective-order"], Rules([As("a", "version: 1", "2021-05-07"), As("b", "version: 2", "2021-05-07")]));
        Assert.Equal(["effective-order"], Rules([As("b", "version: 2", "2021-01-01"), As("a", "version: 1", "2021-05-07")]));
        Assert.Equal(["effective-order"], Rules([As("a", "version: 1", "2021-05-07"), As("b", "version: 2")]));

        static IEnumerable<string> Rules(IEnumerable<(string, Rules)> documents) => ProtocolSet.Check(documents).Select(static finding => finding.Rule);
    }

    [Fact]
    public void Reads_no_more_of_a_file_than_a_protocol_may_have_and_only_utf_8()
    {
        var path = Path.GetTempFileName();
        try
        {
            using (var sparse = File.OpenWrite(path))
            {
                sparse.SetLength(1L << 40); // a tebibyte: no disk holds it, so it must not be read whole
            }

            Assert.Equal("file-too-large", Assert.Single(RulesDocument.CheckFile(path).Findings).Rule);
            File.WriteAllBytes(path, [.. Encoding.UTF8.GetBytes("title: "), 0xC3, 0x28]);
            Assert.Equal("file-encoding", Assert.Single(RulesDocument.CheckFile(path).Findings).Rule);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Never_throws_whatever_a_document_says()
    {
        var letters = Shipped("examples/pace-1900.yaml");
        string[] between = ["", "&a ", "*a ", "!!x ", "\t", "{", "[", "]", "---\n", "? ", "%", "\0", "\u2028", "\"", "- ", ": "];
        // Pieces of a real document in any order, and letters that mean something to YAML between them.
        Gen.Select(Gen.Int[0, letters.Length - 1], Gen.Int[0, 400], Gen.Int[0, between.Length - 1])
            .Array[0, 12].Sample(pieces =>
            {
                var text = string.Concat(pieces.Select(piece => letters[piece.Item1..Math.Min(piece.Item1 + piece.Item2, letters.Length)] + between[piece.Item3]));
                var (rules, findings) = RulesDocument.Check("x", text);
                return rules is null == findings.Any(static finding => finding.Severity == Severity.Error);
            }, iter: 3000);
    }

    [Fact]
    public void The_page_lists_every_rule_and_no_other()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "protocol-rules.md"));
        var listed = page[page.IndexOf("## Rules", StringComparison.Ordinal)..].Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(static line => RuleIds().Matches(line.Split('|')[1]).Select(static match => match.Groups[1].Value));
        string[] elsewhere = ["file-encoding", "version-duplicate", "version-gap", "effective-order"]; // proved by the tests above
        Assert.Equal(Broken.Select(static row => row.Data.Item1).Concat(elsewhere).Distinct().Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("`([a-z-]+)`")]
    private static partial Regex RuleIds();
}
