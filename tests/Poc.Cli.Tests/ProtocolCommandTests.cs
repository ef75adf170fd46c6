using System.Text.Json;
using Xunit;

namespace Poc.Cli.Tests;

public sealed class ProtocolCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("poc-cli-");

    private static string Shipped(string name) => Path.Combine(AppContext.BaseDirectory, "Protocols", name);

    [Fact]
    public async Task What_is_shipped_has_no_finding()
    {
        var (exit, output, errors) = await CommandLine.RunAsync(_folder.FullName, "protocol", "check", Shipped("v1.yaml"), Shipped("v2.yaml"));
        Assert.Equal((0, "2 files, 0 errors, 0 warnings", ""), (exit, output.Trim(), errors));
    }

    [Fact]
    public async Task Errors_end_with_1_all_at_once_and_warnings_apart()
    {
        var text = await File.ReadAllTextAsync(Shipped("v1.yaml"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "mine.yaml"),
            text.Replace("quorum: 3", "quorum: 1", StringComparison.Ordinal).Replace("voting_term_days: 14", "voting_term_days: 0\nmood: good", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        var (exit, output, _) = await CommandLine.RunAsync(_folder.FullName, "protocol", "check", "mine.yaml");
        Assert.Equal(1, exit);
        Assert.Contains(": error term-range: voting_term_days: must be", output, StringComparison.Ordinal);
        Assert.EndsWith("1 file, 2 errors, 1 warning", output.Trim(), StringComparison.Ordinal);

        (exit, output, _) = await CommandLine.RunAsync(_folder.FullName, "protocol", "check", "mine.yaml", "--json");
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal(1, exit);
        Assert.Equal(["term-range", "key-unknown"], json.GetProperty("errors").EnumerateArray().Select(static error => error.GetProperty("rule").GetString()));
        Assert.Equal("quorum-minority", Assert.Single(json.GetProperty("warnings").EnumerateArray()).GetProperty("rule").GetString());
    }

    [Fact]
    public async Task A_difference_is_told_by_meaning()
    {
        var (exit, output, _) = await CommandLine.RunAsync(_folder.FullName, "protocol", "diff", Shipped("v1.yaml"), Shipped("v2.yaml"), "--json");
        Assert.Equal(0, exit);
        var changes = JsonDocument.Parse(output).RootElement.GetProperty("changes").EnumerateArray().Select(static change => $"{change.GetProperty("kind")} {change.GetProperty("path")}");
        Assert.Contains("added criteria.time-and-change.text", changes);
        (exit, output, _) = await CommandLine.RunAsync(_folder.FullName, "protocol", "diff", Shipped("v1.yaml"), Shipped("v1.yaml"));
        Assert.Equal(0, exit);
        Assert.Contains("no difference in meaning", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_wrong_usage()
    {
        var (exit, _, errors) = await CommandLine.RunAsync(_folder.FullName, "protocol", "check", "missing.yaml");
        Assert.Equal(2, exit);
        Assert.StartsWith("poc: ", errors, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
