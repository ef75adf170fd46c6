using System.CommandLine;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc archive</c>: hands evidence out in a form that outsiders verify by themselves.</summary>
internal static class ArchiveCommand
{
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
        var export = new Command("export", "Export statements and captures as a bag: contents, log entries, proofs, time-stamps. It is put on record. Check it with poc-verify.") { Names, Out };
        export.SetAction(ExportAsync);
        return new Command("archive", "Evidence for outsiders (archivists, auditors).") { export };
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
        using var call = client.ExportStatements(new ExportStatementsRequest { Names = { parsed.GetRequiredValue(Names) } }, connection.Headers, cancellationToken: cancellation);
        await ExportedBag.ReceiveAsync(call.ResponseStream, target, cancellation);
        await Answer.WriteAsync(parsed, new { Bag = target }, $"exported to {target}", $"check it with: poc-verify {target} --policy FILE");
        return ExitCode.Done;
    }
}
