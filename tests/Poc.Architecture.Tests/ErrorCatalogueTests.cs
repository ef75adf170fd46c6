using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Poc.Architecture.Tests;

/// <summary>Every error comes from a documented factory in <c>…Errors.cs</c>, and docs/errors.md lists them all. <c>POC_WRITE_DOCS=1</c> writes it anew.</summary>
public sealed partial class ErrorCatalogueTests
{
    private static readonly string Document = Path.Combine(Repository.Root(), "docs", "errors.md");

    [Fact]
    public void The_document_lists_every_reason()
    {
        var current = Render([.. ErrorFiles().SelectMany(file => Entries(File.ReadAllText(file), Owner(file)))]);
        if (Environment.GetEnvironmentVariable("POC_WRITE_DOCS") == "1")
        {
            File.WriteAllText(Document, current);
        }

        Assert.Equal(current, File.ReadAllText(Document));
    }

    [Fact]
    public void Every_factory_has_a_summary_a_code_and_a_reason() =>
        Assert.Empty(ErrorFiles().SelectMany(file => Undocumented(File.ReadAllText(file))));

    [Fact]
    public void Errors_are_made_nowhere_else() =>
        Assert.DoesNotContain(Sources().Except(ErrorFiles()), file => File.ReadAllText(file).Contains("new RpcError(", StringComparison.Ordinal));

    [Fact]
    public void A_reason_has_one_code() =>
        Assert.Empty(ErrorFiles().SelectMany(file => Entries(File.ReadAllText(file), Owner(file))).GroupBy(entry => entry.Reason).Where(group => group.Select(entry => entry.Code).Distinct().Count() > 1).Select(group => group.Key));

    [Fact]
    public void The_rule_finds_a_factory_without_a_summary() =>
        Assert.Equal(["Gone"], Undocumented("""    public static RpcError Gone() => new(StatusCode.NotFound, "GONE", "It is gone.");"""));

    private static IEnumerable<string> Sources() => Repository.ServiceNames.Append("Poc.Grpc").SelectMany(Repository.SourceFiles);

    private static IEnumerable<string> ErrorFiles() => Sources().Where(file => file.EndsWith("Errors.cs", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static string Owner(string file) => Path.GetFileNameWithoutExtension(file) is "CommonErrors" ? "all" : Path.GetFileNameWithoutExtension(file).Replace("Errors", "", StringComparison.Ordinal);

    private static IEnumerable<Entry> Entries(string source, string owner) =>
        Factory().Matches(source).Select(match => new Entry(match.Groups["reason"].Value, match.Groups["code"].Value, owner, Plain(match.Groups["summary"].Value))).Where(entry => entry.Reason.Length > 0);

    private static IEnumerable<string> Undocumented(string source)
    {
        var documented = Factory().Matches(source).Where(match => match.Groups["summary"].Success).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        return Declaration().Matches(source).Select(match => match.Groups["name"].Value).Where(name => !documented.Contains(name));
    }

    private static string Plain(string summary) =>
        Spaces().Replace(Tag().Replace(Reference().Replace(summary.Replace("///", " ", StringComparison.Ordinal), "$1"), ""), " ").Trim()
            .Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal).Replace("|", "\\|", StringComparison.Ordinal);

    private static string Render(IReadOnlyList<Entry> entries)
    {
        var text = new StringBuilder("# Errors\n\nEvery error carries `google.rpc.ErrorInfo` with domain `poc` and one of these reasons; wrong fields are named in `google.rpc.BadRequest`; `google.rpc.RetryInfo` says when to come back.\n\n| reason | gRPC code | from | meaning |\n| --- | --- | --- | --- |\n");
        foreach (var entry in entries.DistinctBy(entry => (entry.Reason, entry.Owner)).OrderBy(entry => entry.Reason, StringComparer.Ordinal).ThenBy(entry => entry.Owner, StringComparer.Ordinal))
        {
            text.Append($"| `{entry.Reason}` | {entry.Code} | {entry.Owner} | {entry.Meaning} |\n");
        }

        return text.ToString();
    }

    [GeneratedRegex(@"(?:///\s*<summary>(?<summary>.*?)</summary>(?:\s*///[^\n]*)*\s*)?(?:public|internal)\s+static\s+RpcError\s+(?<name>\w+)\([^;{]*?=>\s*(?:new(?:\s+RpcError)?\(\s*StatusCode\.(?<code>\w+),\s*""(?<reason>[A-Z0-9_]+)"")?", RegexOptions.Singleline)]
    private static partial Regex Factory();

    [GeneratedRegex(@"static\s+RpcError\s+(?<name>\w+)\(")]
    private static partial Regex Declaration();

    [GeneratedRegex("<(?:see|paramref)[^>]*?(?:cref|name|langword)=\"(?:[A-Z]:)?([^\"]*)\"\\s*/>")]
    private static partial Regex Reference();

    [GeneratedRegex("</?[a-z][^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    private sealed record Entry(string Reason, string Code, string Owner, string Meaning);
}
