using System.CommandLine;
using Poc.Protocols;

namespace Poc.Cli.Commands;

/// <summary><c>poc protocol</c>: checks and compares protocol documents on this machine; no service is asked.</summary>
internal static class ProtocolCommand
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Protocol documents (YAML); several are also checked against each other.", Arity = ArgumentArity.OneOrMore };
    private static readonly Argument<string> Before = new("A") { Description = "The earlier document." };
    private static readonly Argument<string> After = new("B") { Description = "The later document." };

    public static Command Create()
    {
        var check = new Command("check", "Check documents as Review does when it starts: all errors at once, each with file, line, column and rule (docs/protocol-rules.md). Exit code 1 on any error; warnings change nothing.") { Files };
        check.SetAction((parsed, _) => CheckAsync(parsed));
        var diff = new Command("diff", "Show what the rules in B say otherwise than those in A: meaning, not spelling. Exit code 1 when a document has errors.") { Before, After };
        diff.SetAction((parsed, _) => DiffAsync(parsed));
        return new Command("protocol", "Protocols: the rules of a review, as documents.") { check, diff };
    }

    private static async Task<int> CheckAsync(ParseResult parsed)
    {
        var read = parsed.GetRequiredValue(Files).Select(static path => (Path: path, Checked: Read(path))).ToList();
        var findings = read.SelectMany(static file => file.Checked.Findings)
            .Concat(ProtocolSet.Check(read.Where(static file => file.Checked.Rules is not null).Select(static file => (file.Path, file.Checked.Rules!)))).ToList();
        var (errors, warnings) = (Of(findings, Severity.Error), Of(findings, Severity.Warning));
        await Answer.WriteAsync(
            parsed,
            new { files = read.Count, errors = errors.Select(Record), warnings = warnings.Select(Record) },
            [
                .. errors.Select(static finding => finding.ToString()),
                .. warnings.Select(static finding => finding.ToString()),
                $"{Count(read.Count, "file")}, {Count(errors.Count, "error")}, {Count(warnings.Count, "warning")}",
            ]);
        return errors.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    private static async Task<int> DiffAsync(ParseResult parsed)
    {
        string[] paths = [parsed.GetRequiredValue(Before), parsed.GetRequiredValue(After)];
        var read = paths.Select(Read).ToList();
        if (read.Any(static file => file.Rules is null))
        {
            foreach (var error in Of(read.SelectMany(static file => file.Findings), Severity.Error))
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(error.ToString());
            }

            return ExitCode.Refused;
        }

        var changes = RulesDiff.Between(read[0].Rules!, read[1].Rules!);
        await Answer.WriteAsync(
            parsed,
            new { before = paths[0], after = paths[1], changes = changes.Select(static change => new { section = change.Section, path = change.Path, kind = change.Kind, before = change.Before, after = change.After }) },
            [$"{Title(paths[0], read[0].Rules!)} -> {Title(paths[1], read[1].Rules!)}", .. Lines(changes)]);
        return ExitCode.Done;
    }

    private static IEnumerable<string> Lines(IReadOnlyList<RulesChange> changes) => changes.Count == 0
        ? ["no difference in meaning"]
        : changes.GroupBy(static change => change.Section).SelectMany(static section => section.SelectMany(Lines).Prepend(section.Key));

    private static IEnumerable<string> Lines(RulesChange change) => change switch
    {
        { Before: null } => [$"  + {change.Path}: {change.After}"],
        { After: null } => [$"  - {change.Path}: {change.Before}"],
        { Before.Length: < 60, After.Length: < 60 } => [$"  ~ {change.Path}: {change.Before} -> {change.After}"],
        _ => [$"  ~ {change.Path}:", $"      was: {change.Before}", $"      now: {change.After}"],
    };

    private static Checked Read(string path)
    {
        try
        {
            return RulesDocument.CheckFile(path);
        }
        catch (Exception unreadable) when (unreadable is UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{path}: {unreadable.Message}");
        }
    }

    private static List<Finding> Of(IEnumerable<Finding> findings, Severity severity) => [.. findings.Where(finding => finding.Severity == severity)];

    private static object Record(Finding finding) =>
        new { file = finding.File, line = finding.Line, column = finding.Column, rule = finding.Rule, path = finding.Path, message = finding.Message };

    private static string Title(string path, Rules rules) => $"{path} (version {rules.Version}, {rules.Title})";

    private static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";
}
