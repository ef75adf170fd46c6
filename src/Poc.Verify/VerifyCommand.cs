using System.CommandLine;
using Poc.Verify.Bags;
using Poc.Verify.Exports;
using Poc.Verify.Logs;
using Poc.Verify.Notes;
using Poc.Verify.Proofs;
using Poc.Verify.Stamps;

namespace Poc.Verify;

/// <summary>The command line. Exit codes: 0 verified, 1 not verified, with the reasons on standard output, 2 wrong usage, 3 consistent but by no trusted key.</summary>
internal static class VerifyCommand
{
    public const int Verified = 0;
    public const int NotVerified = 1;
    public const int WrongUsage = 2;
    public const int NotAuthentic = 3;

    private static readonly Option<bool> _json = new("--json") { Description = "Print the result as JSON.", Recursive = true };

    /// <summary>Runs one command; results go to <paramref name="output"/>, progress and usage to <paramref name="errors"/>.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var root = Export(output, errors);
        root.Add(Inclusion(output));
        root.Add(Consistency(output));
        root.Add(Note(output));
        root.Add(Log(output, errors));
        root.Add(Bag(output, errors));
        root.Add(TimeStamp(output));
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await errors.WriteLineAsync($"poc-verify: {error.Message}");
            }

            await errors.WriteLineAsync("Try: poc-verify --help, or --help after any command.");
            return WrongUsage;
        }

        return await parsed.InvokeAsync(new() { Output = output, Error = errors, EnableDefaultExceptionHandler = false });
    }

    private static RootCommand Export(TextWriter output, TextWriter errors)
    {
        var bag = new Argument<string?>("BAG") { Description = "A bag that the archive exported: the folder.", Arity = ArgumentArity.ZeroOrOne };
        var policy = new Option<string?>("--policy") { Description = "Whom to believe (C2SP tlog-policy), from a source of your own. Without it the result cannot be \"verified\"." };
        var root = new RootCommand("poc-verify: checks evidence offline. Exit codes: 0 verified, 1 not verified, 2 wrong usage, 3 consistent but by no trusted key.") { bag, policy, _json };
        root.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(bag) is { } folder)
            {
                return await ReportAsync(parsed, output, report => VerifyExport.RunAsync(folder, parsed.GetValue(policy), report, errors, cancellation));
            }

            await errors.WriteLineAsync("poc-verify: give a bag or a command. Try: poc-verify --help");
            return WrongUsage;
        });
        return root;
    }

    private static Command TimeStamp(TextWriter output)
    {
        var token = new Argument<string>("TOKEN") { Description = "The token, or the authority's answer, DER." };
        var data = new Option<string>("--data") { Description = "The file that was stamped.", Required = true };
        var ca = new Option<string[]>("--ca") { Description = "Certificates to trust, PEM; may be given several times.", Required = true, Arity = ArgumentArity.OneOrMore };
        var untrusted = new Option<string[]>("--untrusted") { Description = "Certificates between, PEM, where the token has not brought them.", DefaultValueFactory = _ => [] };
        var command = new Command("timestamp", "Checks a time-stamp (RFC 3161) at the time it names.") { token, data, ca, untrusted };
        command.SetAction((parsed, cancellation) => ReportAsync(parsed, output, report => VerifyTimeStamp.RunAsync(
            parsed.GetRequiredValue(token), parsed.GetRequiredValue(data), parsed.GetRequiredValue(ca), parsed.GetRequiredValue(untrusted), report, cancellation)));
        return command;
    }

    private static Command Inclusion(TextWriter output)
    {
        var file = FileArgument("The proof, as JSON.");
        var command = new Command("inclusion", "Checks that a leaf is in a tree.") { file };
        command.SetAction((parsed, cancellation) => ReportAsync(parsed, output, report => VerifyInclusion.RunAsync(parsed.GetRequiredValue(file), report, cancellation)));
        return command;
    }

    private static Command Consistency(TextWriter output)
    {
        var file = FileArgument("The proof, as JSON.");
        var command = new Command("consistency", "Checks that a tree begins with an older one.") { file };
        command.SetAction((parsed, cancellation) => ReportAsync(parsed, output, report => VerifyConsistency.RunAsync(parsed.GetRequiredValue(file), report, cancellation)));
        return command;
    }

    private static Command Note(TextWriter output)
    {
        var file = FileArgument("The note.");
        var keys = Keys();
        var command = new Command("note", "Checks the signatures of a note.") { file, keys };
        command.SetAction((parsed, cancellation) =>
            ReportAsync(parsed, output, report => VerifyNote.RunAsync(parsed.GetRequiredValue(file), parsed.GetRequiredValue(keys), report, cancellation)));
        return command;
    }

    private static Command Log(TextWriter output, TextWriter errors)
    {
        var place = new Argument<string>("DIR|URL") { Description = "Where the log's checkpoint and tiles are." };
        var keys = Keys();
        var origin = new Option<string?>("--origin") { Description = "The log's origin, where it is not the name of its key." };
        var kept = new Option<string[]>("--checkpoint") { Description = "A checkpoint that somebody kept; may be given several times.", DefaultValueFactory = _ => [] };
        var token = new Option<FileInfo?>("--token") { Description = "A file with the bearer token of an auditor, where the log behind a URL asks for one." };
        var hashes = new Option<bool>("--hashes-only") { Description = "Read no entries: only tiles and checkpoints are checked, and the result says so." };
        var command = new Command("log", "Checks a whole tile log: entries, tiles and checkpoints.") { place, keys, origin, kept, token, hashes };
        command.SetAction((parsed, cancellation) => ReportAsync(parsed, output, async report => await VerifyLog.RunAsync(
            parsed.GetRequiredValue(place), parsed.GetRequiredValue(keys), parsed.GetValue(origin), parsed.GetRequiredValue(kept),
            parsed.GetValue(token) is { } file ? await Input.ReadLineAsync(file.FullName, cancellation) : null, !parsed.GetValue(hashes), report, errors, cancellation)));
        return command;
    }

    private static Command Bag(TextWriter output, TextWriter errors)
    {
        var folder = new Argument<string>("DIR") { Description = "The bag." };
        var command = new Command("bag", "Checks a BagIt bag.") { folder };
        command.SetAction((parsed, cancellation) => ReportAsync(parsed, output, report => VerifyBag.RunAsync(parsed.GetRequiredValue(folder), report, errors, cancellation)));
        return command;
    }

    private static Argument<string> FileArgument(string description) => new("FILE") { Description = description };

    private static Option<string[]> Keys() => new("--key")
    {
        Description = "A verifier key to trust, name+id+base64; may be given several times.",
        Required = true,
        Arity = ArgumentArity.OneOrMore,
    };

    private static async Task<int> ReportAsync(ParseResult parsed, TextWriter output, Func<Report, Task> verify)
    {
        var report = new Report();
        try
        {
            await verify(report);
        }
        catch (RefusedException refused)
        {
            report.Fail(refused.Failure);
        }

        report.Write(output, parsed.GetValue(_json));
        return report switch { { IsVerified: true } => Verified, { IsConsistent: true } => NotAuthentic, _ => NotVerified };
    }
}
