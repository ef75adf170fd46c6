using System.CommandLine;
using System.Globalization;
using Poc.Contracts.Review.V1;

namespace Poc.Cli.Commands;

/// <summary><c>poc register</c>: reads the public register, as anybody may.</summary>
internal static class RegisterCommand
{
    private static readonly TimeSpan _followPause = TimeSpan.FromSeconds(2);

    private static readonly Argument<string> Name = new("name") { Description = "register/{subject}" };
    private static readonly Argument<string[]> Query = new("name") { Description = "A name or parts of it, in any script and spelling.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string?> AsOf = new("--as-of") { Description = "What was said on this day: YYYY-MM-DD. Default: today." };
    private static readonly Option<DesignationState> State = new("--state") { Description = "Only persons with an episode in this state." };
    private static readonly Option<long> After = new("--after") { Description = "The last change that is known. Default 0: all from the beginning." };
    private static readonly Option<bool> Follow = new("--follow") { Description = "Go on until Ctrl-C, and say each change within seconds of it." };
    private static readonly Option<int> Limit = new("--limit") { Description = "At most so many, up to 500.", DefaultValueFactory = _ => 20 };

    public static Command Create()
    {
        var search = new Command("search", "Find persons by how their names are spelt, also nearly so; a likeness of names says nothing about who somebody is.") { Query, State, AsOf, Limit };
        search.SetAction(SearchAsync);
        var show = new Command("show", "Show an entry with all that was said, and when.") { Name, AsOf };
        show.SetAction(ShowAsync);
        var changes = new Command("changes", "Say which entries changed, in order; each line begins with the number to go on --after.") { After, Follow };
        changes.SetAction(ChangesAsync);
        return new Command("register", "The public register: who carries the label, who did, and what was said about it.") { search, show, changes };
    }

    private static async Task<int> SearchAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.Anonymous(parsed, GlobalOptions.Review);
        var found = await new RegisterService.RegisterServiceClient(connection.Invoker).SearchRegisterAsync(
            new SearchRegisterRequest
            {
                Query = string.Join(' ', parsed.GetRequiredValue(Query)),
                DesignationState = parsed.GetValue(State),
                AsOf = parsed.GetValue(AsOf) ?? "",
                PageSize = parsed.GetValue(Limit),
            },
            connection.Call(cancellation));
        await Answer.WriteAsync(parsed, found,
        [
            .. found.Matches.Select(static match => string.Create(
                CultureInfo.InvariantCulture, $"{match.Similarity:0.00}  {match.Entry.Name}  {match.Entry.NativeName}  {States(match.Entry)}  (by {match.MatchedName})")),
            found.NextPageToken.Length > 0 ? "more were found: search narrower, or raise --limit" : string.Create(CultureInfo.InvariantCulture, $"{found.Matches.Count} found"),
        ]);
        return ExitCode.Done;
    }

    private static async Task<int> ShowAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.Anonymous(parsed, GlobalOptions.Review);
        var entry = (await new RegisterService.RegisterServiceClient(connection.Invoker).GetRegisterEntryAsync(
            new GetRegisterEntryRequest { Name = parsed.GetRequiredValue(Name), AsOf = parsed.GetValue(AsOf) ?? "" }, connection.Call(cancellation))).Entry;
        await Answer.WriteAsync(parsed, entry, Lines(entry));
        return ExitCode.Done;
    }

    private static async Task<int> ChangesAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.Anonymous(parsed, GlobalOptions.Review);
        var register = new RegisterService.RegisterServiceClient(connection.Invoker);
        var after = parsed.GetValue(After);
        while (true)
        {
            var answer = await register.ListRegisterChangesAsync(new ListRegisterChangesRequest { After = after, PageSize = 500 }, connection.Call(cancellation));
            foreach (var change in answer.Changes)
            {
                await Answer.WriteAsync(parsed, change, [string.Create(CultureInfo.InvariantCulture, $"{change.Sequence}  {change.RecordedAt.ToDateTime():yyyy-MM-ddTHH:mm:ssZ}  {change.Entry}")]);
            }

            after = answer.NextAfter;
            if (answer.Changes.Count == 0)
            {
                if (!parsed.GetValue(Follow))
                {
                    return ExitCode.Done;
                }

                await Task.Delay(_followPause, TimeProvider.System, cancellation);
            }
        }
    }

    private static IEnumerable<string> Lines(RegisterEntry entry) =>
    [
        $"{entry.Name}  {entry.NativeName}{(entry.Transliterations.Count > 0 ? $" ({string.Join("; ", entry.Transliterations)})" : "")}{(entry.Synthetic ? "  synthetic" : "")}",
        .. entry.MergedInto.Length > 0 ? new[] { $"is one person with {entry.MergedInto}, and read there" } : [],
        .. entry.Merged.Select(static other => $"also what was said of {other}"),
        .. entry.IdentityChanges.Select(static change => $"{change.ConfirmedAt.ToDateTime():yyyy-MM-dd}  {change.ChangeCase} {change.MergedInto}{change.SeparatedFrom}{change.Corrected?.NativeName}: {change.Reason}"),
        .. entry.Episodes.SelectMany(static episode => episode.History
            .Select(static change => $"  {change.EffectiveOn}  {change.State}{(change.Label.Length > 0 ? $" ({change.Label})" : "")}: {change.Reason}{(change.Decision.Length > 0 ? $"  [{change.Decision}]" : "")}")
            .Prepend($"{episode.Name}  detained {episode.DetainedOn}: {episode.DesignationState}")),
        .. entry.Mandates.Select(static mandate => $"we ask for {mandate.Aim} since {mandate.EffectiveOn}: {mandate.Reason}"),
    ];

    private static string States(RegisterEntry entry) => string.Join(", ", entry.Episodes.Select(static episode => episode.DesignationState).Distinct());
}
