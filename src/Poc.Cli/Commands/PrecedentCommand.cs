using System.CommandLine;
using Poc.Contracts.Review.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc precedent</c>: what was decided before in cases like this one.</summary>
internal static class PrecedentCommand
{
    private static readonly Option<string> DossierName = new("--dossier") { Description = "dossiers/{dossier}: the nearest to this case first.", DefaultValueFactory = _ => "" };
    private static readonly Option<string> Words = new("--text") { Description = "Words to look for.", DefaultValueFactory = _ => "" };
    private static readonly Option<FileInfo?> TextFile = new("--text-file") { Description = "A file with draft reasons, in the place of --text." };
    private static readonly Option<string> Criterion = new("--criterion") { Description = "Only those that turned on this criterion.", DefaultValueFactory = _ => "" };
    private static readonly Option<Outcome> DecidedAs = new("--outcome") { Description = "Only this outcome." };
    private static readonly Option<Level> FoundLevel = new("--level") { Description = "Only where the panel found this level: none, lawfulofconcern, civil or criminal." };
    private static readonly Option<RetractionJudgement> Retraction = new("--retraction") { Description = "Only where the panel found this: retracted, partly, notretracted or unclear." };
    private static readonly Option<int> Most = new("--most") { Description = "At most so many, up to 100.", DefaultValueFactory = _ => 20 };

    public static Command Create()
    {
        var find = new Command("find", "Find precedents, the nearest first. It says what cases have in common, not whether they are alike.")
        {
            DossierName, Words, TextFile, Criterion, DecidedAs, FoundLevel, Retraction, Most,
        };
        find.SetAction(FindAsync);
        return new Command("precedent", "Earlier decisions to compare with (staff).") { find };
    }

    private static async Task<int> FindAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Review, Roles.Reviewer);
        var text = parsed.GetValue(TextFile) is { } file ? await File.ReadAllTextAsync(file.FullName, cancellation) : parsed.GetRequiredValue(Words);
        var response = await new ReviewService.ReviewServiceClient(connection.Invoker).FindPrecedentsAsync(
            new()
            {
                Dossier = parsed.GetRequiredValue(DossierName),
                Text = text,
                Criterion = parsed.GetRequiredValue(Criterion),
                Outcome = parsed.GetValue(DecidedAs),
                Level = parsed.GetValue(FoundLevel),
                Retraction = parsed.GetValue(Retraction),
                MaxResults = parsed.GetValue(Most),
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, response, [.. response.Precedents.SelectMany(Lines), $"{response.Precedents.Count} precedents"]);
        return ExitCode.Done;
    }

    private static IEnumerable<string> Lines(NearPrecedent near) =>
    [
        $"{near.Nearness,3}%  {near.Precedent.Name}  {near.Precedent.Decided.Earliest}  {near.Precedent.Outcome}  {near.Precedent.Title}",
        .. near.Shared.Count == 0 ? (string[])[] : [$"      {string.Join(", ", near.Shared)}"],
    ];
}
