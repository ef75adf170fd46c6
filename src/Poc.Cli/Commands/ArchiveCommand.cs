using System.CommandLine;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc archive</c>: shows and finds statements, and hands evidence out in a form that outsiders verify by themselves.</summary>
internal static class ArchiveCommand
{
    /// <summary>Who gets a copy.</summary>
    internal static readonly Option<string> Recipient = new("--recipient") { Description = "Who gets it: a person, a court, an organisation. On record in the chain of custody.", Required = true };

    /// <summary>Why they do.</summary>
    internal static readonly Option<string> Purpose = new("--purpose") { Description = "What for, without a word of what it is. On record in the chain of custody.", Required = true };

    private static readonly Argument<string> Name = new("name") { Description = "subjects/{subject}/statements/{statement}" };

    private static readonly Argument<string[]> Names = new("name")
    {
        Description = "subjects/{subject}/statements/{statement} or captures/{capture}, at most 100.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> Out = new("--out")
    {
        Description = "Where the bag goes: a folder that is not there yet, or a file that ends in .tar.",
        Required = true,
    };

    public static Command Create()
    {
        var export = new Command("export", "Export statements and captures as a bag: contents, log entries, proofs, time-stamps. It is put on record. Check it with poc-verify.") { Names, Out, Recipient, Purpose };
        export.SetAction(ExportAsync);
        var show = new Command("show", "Show a statement on one page: what is known, by whom, and how sure; disputed facts side by side; retraction with its evidence.") { Name };
        show.SetAction(ShowAsync);
        var archive = new Command("archive", "What people really said: show, search, export for outsiders, and keep (staff).") { show, ArchiveSearch.Create(), export, ArchiveCapture.Create() };
        foreach (var command in ArchiveKeeping.Create())
        {
            archive.Subcommands.Add(command);
        }

        return archive;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Auditor);
        var client = new StatementArchiveService.StatementArchiveServiceClient(connection.Invoker);
        var name = parsed.GetRequiredValue(Name);
        var statement = (await client.GetStatementAsync(new GetStatementRequest { Name = name }, connection.Call(cancellation))).Statement;
        if (statement.Erasure is not null)
        {
            await Answer.WriteAsync(parsed, statement, StatementPage.Erased(statement));
            return ExitCode.Done;
        }

        var ledger = await client.ListRetractionEntriesAsync(new ListRetractionEntriesRequest { Parent = name }, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, statement, StatementPage.Lines(statement, ledger.RetractionEntries));
        return ExitCode.Done;
    }

    private static async Task<int> ExportAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var target = Path.GetFullPath(parsed.GetRequiredValue(Out));
        if (Path.Exists(target))
        {
            throw new UsageException($"{target} is there already.");
        }

        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Archivist);
        var client = new StatementArchiveService.StatementArchiveServiceClient(connection.Invoker);
        using var call = client.ExportStatements(new ExportStatementsRequest { Names = { parsed.GetRequiredValue(Names) }, Recipient = parsed.GetRequiredValue(Recipient), Purpose = parsed.GetRequiredValue(Purpose) }, connection.Headers, cancellationToken: cancellation);
        await ExportedBag.ReceiveAsync(call.ResponseStream, target, cancellation);
        await Answer.WriteAsync(parsed, new { Bag = target }, $"exported to {target}", $"check it with: poc-verify {target} --policy FILE");
        return ExitCode.Done;
    }
}
