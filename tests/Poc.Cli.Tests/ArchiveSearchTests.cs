using Poc.Cli.Commands;
using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Xunit;

namespace Poc.Cli.Tests;

public sealed class ArchiveSearchTests
{
    [Fact]
    public void Shows_how_each_was_found_in_which_version_and_the_words_in_brackets()
    {
        var statement = new Statement
        {
            Name = "subjects/s/statements/t",
            Text = "🕊 Words\nof a text that goes on for long after them, on and on.",
            Language = "en",
            RetractionState = RetractionState.NoneFound,
            Translations = { new Translation { Language = "de", Version = 2, Text = "Ein Text mit solchen Worten" } },
        };
        var lines = ArchiveSearch.Lines(new SearchStatementsResponse
        {
            Statements = { statement },
            Hits =
            {
                new SearchHit
                {
                    Match = SearchMatch.Near,
                    Renderings =
                    {
                        new MatchedRendering { Language = "en", Spans = { new TextSpan { Start = 2, End = 7 }, new TextSpan { Start = 59, End = 61 } } },
                        new MatchedRendering { Language = "de", Version = 2, Spans = { new TextSpan { Start = 21, End = 27 } } },
                    },
                },
            },
            NextPageToken = "token",
            EntriesBehind = 3,
        });
        Assert.Equal(
        [
            "subjects/s/statements/t  said not known; retraction NoneFound  (spelt nearly so: these may be other words)",
            "    en: 🕊 [Words] of a text that goes on for lo…",
            "    en: …n for long after them, on and [on].",
            "    de, translation 2: Ein Text mit solchen [Worten]",
            "more were found: search narrower, raise --limit, or go on with --page token",
            "The newest 3 entries of the log are not searched yet: search again in a moment.",
        ], lines);
    }
}
