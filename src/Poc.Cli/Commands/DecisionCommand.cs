using System.CommandLine;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc decision</c>: decisions, to be read and checked.</summary>
internal static class DecisionCommand
{
    private static readonly Argument<string> DecisionName = new("decision") { Description = "decisions/{decision}" };
    private static readonly Option<FileInfo> Page = new("--out") { Description = "File for the page (HTML, no scripts, nothing loaded).", Required = true };
    private static readonly Option<FileInfo?> Content = new("--content") { Description = "File for what was signed, byte for byte: sha256sum gives the hash on the page." };

    public static Command Create()
    {
        var document = new Command("document", "Write a decision as a page for a reader who knows nothing else: which words counted, under which rules, who disagreed, and how to check it.") { DecisionName, Page, Content };
        document.SetAction(DocumentAsync);
        return new Command("decision", "Decisions of reviews (staff; --as says who you are).") { document };
    }

    private static async Task<int> DocumentAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Reviewer);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).GetDecisionDocumentAsync(
            new() { Name = parsed.GetRequiredValue(DecisionName) }, connection.Call(cancellation));
        var content = parsed.GetValue(Content);
        if (content is not null && response.Content.Length == 0)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync("poc: it is not in force: nothing was signed yet, and --content was not written");
        }
        else if (content is not null)
        {
            await File.WriteAllTextAsync(content.FullName, response.Content, cancellation);
        }

        var page = parsed.GetRequiredValue(Page);
        await File.WriteAllTextAsync(page.FullName, response.Html, cancellation);
        await Answer.WriteAsync(parsed, new { page = page.FullName, in_force = response.Content.Length > 0 }, [$"written to {page.FullName}"]);
        return content is null || response.Content.Length > 0 ? ExitCode.Done : ExitCode.Refused;
    }
}
