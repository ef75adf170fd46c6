using System.CommandLine;
using System.Globalization;
using System.Text;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Poc.Grpc;

namespace Poc.Cli.Commands;

/// <summary><c>poc archive search</c>: finds statements by their words, and shows where these stand.</summary>
internal static class ArchiveSearch
{
    // Code points shown before and after words that were found.
    private const int Context = 30;
    private const int MostPlaces = 3;

    private static readonly Argument<string[]> Words = new("words")
    {
        Description = "What to look for, in any script: all of these words; '\"in quotes\"' they must follow one another. None: the newest.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> Subject = new("--subject") { Description = "Only of this subject: subjects/{subject}" };
    private static readonly Option<string?> Speaker = new("--speaker") { Description = "Only said by this speaker." };
    private static readonly Option<string?> Group = new("--group") { Description = "Only those that name this group." };
    private static readonly Option<string?> Language = new("--language") { Description = "Only originals and translations in this language, such as zh or zh-Hant." };
    private static readonly Option<RetractionState> State = new("--state") { Description = "Only with this state of retraction." };
    private static readonly Option<string?> From = new("--from") { Description = "Only what can have been said on this day or later: YYYY-MM-DD." };
    private static readonly Option<string?> Until = new("--until") { Description = "Only what can have been said on this day or before: YYYY-MM-DD." };
    private static readonly Option<int> Limit = new("--limit") { Description = "At most so many, up to 500.", DefaultValueFactory = _ => 20 };
    private static readonly Option<string?> Page = new("--page") { Description = "The next page, as the last one said." };

    public static Command Create()
    {
        var search = new Command(
            "search", "Find statements in the original or in translation: the words themselves first, then longer words, then words spelt nearly so; newest first within each.")
        {
            Words, Subject, Speaker, Group, Language, State, From, Until, Limit, Page,
        };
        search.SetAction(SearchAsync);
        return search;
    }

    /// <summary>What was found, a few lines each: how well, in which version, and the words in brackets with what stands around them.</summary>
    internal static IEnumerable<string> Lines(SearchStatementsResponse found)
    {
        foreach (var (statement, hit) in found.Statements.Zip(found.Hits))
        {
            var how = hit.Match switch
            {
                SearchMatch.Part => "  (as a part of longer words)",
                SearchMatch.Near => "  (spelt nearly so: these may be other words)",
                _ => "",
            };
            yield return $"{statement.Name}  said {StatementPage.When(statement.Uttered)}; retraction {statement.RetractionState}{how}";
            foreach (var rendering in hit.Renderings)
            {
                var text = rendering.Version == 0
                    ? statement.Text
                    : statement.Translations.FirstOrDefault(version => (version.Language, version.Version) == (rendering.Language, rendering.Version))?.Text ?? "";
                var which = rendering.Version == 0 ? rendering.Language : string.Create(CultureInfo.InvariantCulture, $"{rendering.Language}, translation {rendering.Version}");
                foreach (var span in rendering.Spans.Take(MostPlaces))
                {
                    yield return $"    {which}: {InContext(text, span)}";
                }

                if (rendering.Spans.Count > MostPlaces)
                {
                    yield return string.Create(CultureInfo.InvariantCulture, $"    {which}: and {rendering.Spans.Count - MostPlaces} places more");
                }
            }
        }

        yield return found.NextPageToken.Length > 0
            ? $"more were found: search narrower, raise --limit, or go on with --page {found.NextPageToken}"
            : string.Create(CultureInfo.InvariantCulture, $"{found.Statements.Count} found");
        if (found.EntriesBehind > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"The newest {found.EntriesBehind} entries of the log are not searched yet: search again in a moment.");
        }
    }

    private static async Task<int> SearchAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var connection = Connection.AsStaff(parsed, GlobalOptions.Archive, Roles.Auditor);
        var request = new SearchStatementsRequest
        {
            Query = string.Join(' ', parsed.GetValue(Words) ?? []),
            Subject = parsed.GetValue(Subject) ?? "",
            Speaker = parsed.GetValue(Speaker) ?? "",
            GroupNamed = parsed.GetValue(Group) ?? "",
            Language = parsed.GetValue(Language) ?? "",
            RetractionState = parsed.GetValue(State),
            SaidFrom = parsed.GetValue(From) ?? "",
            SaidUntil = parsed.GetValue(Until) ?? "",
            PageSize = parsed.GetValue(Limit),
            PageToken = parsed.GetValue(Page) ?? "",
        };
        var found = await new StatementArchiveService.StatementArchiveServiceClient(connection.Invoker).SearchStatementsAsync(request, connection.Call(cancellation));
        await Answer.WriteAsync(parsed, found, Lines(found));
        return ExitCode.Done;
    }

    private static string InContext(string text, TextSpan span)
    {
        var line = new StringBuilder(span.Start > Context ? "…" : "");
        var at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            line.Append(at == span.End ? "]" : "").Append(at == span.Start ? "[" : "");
            if (at >= span.Start - Context && at < span.End + Context)
            {
                // One line, whatever the text has.
                line.Append(Rune.IsControl(rune) ? " " : rune.ToString());
            }

            at++;
        }

        return line.Append(at == span.End ? "]" : "").Append(at > span.End + Context ? "…" : "").ToString();
    }
}
