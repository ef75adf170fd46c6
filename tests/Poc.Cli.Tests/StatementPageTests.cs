using Poc.Contracts.StatementArchive.V1;
using Poc.Contracts.Type.V1;
using Xunit;

namespace Poc.Cli.Tests;

public sealed class StatementPageTests
{
    [Fact]
    public void Shows_what_is_known_by_whom_and_how_sure()
    {
        var page = Page(Disputed(), Ledger());

        Assert.Contains("A neutral description: the words are not at hand verbatim.", page, StringComparison.Ordinal);
        Assert.Contains("  said by       subjects/s\n  published by  a-channel\n  spread by     not known", page, StringComparison.Ordinal);
        Assert.Contains("  said          2007-09, day not known; confidence low (sources are few, indirect or at odds)", page, StringComparison.Ordinal);
        Assert.Contains("  spread        2021-01-19; confidence high (independent sources agree)", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_conflicting_claims_side_by_side_and_takes_no_side()
        => Assert.Contains(
            "target group: sources disagree; the archive keeps them side by side and takes no side\n  - source-a says: One group.\n  - source-b says: Another.\n\nplace\n  - source-a says: A studio.",
            Page(Disputed(), []), StringComparison.Ordinal);

    [Fact]
    public void Shows_which_version_of_a_translation_was_superseded()
    {
        var page = Page(Disputed(), []);

        Assert.Contains("Translation into en, version 1, by t1 (superseded by version 2)\n  First.", page, StringComparison.Ordinal);
        Assert.Contains("Translation into en, version 2, by t2\n  Second.", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Shows_the_state_of_retraction_with_its_evidence()
    {
        var page = Page(Disputed(), Ledger());

        Assert.Contains("Retracted?  In part at most, and stood by again later.\n  2013, month not known; confidence medium", page, StringComparison.Ordinal);
        Assert.Contains("    for a partial retraction: Softer words. (to voters)\n", page, StringComparison.Ordinal);
        Assert.Contains("    a search that found none: Nothing. (searched: two archives)\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Says_that_nothing_is_known_where_nothing_is()
    {
        var page = Page(new Statement { Name = "subjects/s/statements/t", Speaker = "h", ContentKind = ContentKind.UnspecifiedReport, Text = "Said to exist.", Language = "en" }, []);

        Assert.Contains("never citable", page, StringComparison.Ordinal);
        Assert.Contains("  said          not known\n  published     not known\n  spread        no re-post on record\n", page, StringComparison.Ordinal);
        Assert.Contains("Retracted?  Not known: nothing is on record either way.", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Fits_a_page_however_long_the_words_are()
    {
        var statement = Disputed();
        statement.Text = string.Join(' ', Enumerable.Repeat("several words", 100));

        var lines = StatementPage.Lines(statement, []).Where(line => line.Contains("several", StringComparison.Ordinal)).ToList();

        Assert.All(lines[..^1], line => Assert.InRange(line.Length, 90, 100));
        Assert.Equal(statement.Text, string.Join(' ', lines.Select(line => line.Trim())));
    }

    private static Statement Disputed() => new()
    {
        Name = "subjects/s/statements/t",
        Speaker = "subjects/s",
        Publisher = "a-channel",
        ContentKind = ContentKind.Description,
        Text = "A description of a video.",
        Language = "en",
        Uttered = new UncertainDate { Earliest = "2007-09-01", Precision = DatePrecision.Month, Confidence = Confidence.Low },
        Reposted = { new UncertainDate { Earliest = "2021-01-19", Precision = DatePrecision.Day, Confidence = Confidence.High } },
        Claims =
        {
            new SourceClaim { Source = "source-a", Topic = "target group", Claim = "One group." },
            new SourceClaim { Source = "source-b", Topic = "target group", Claim = "Another." },
            new SourceClaim { Source = "source-a", Topic = "place", Claim = "A studio." },
        },
        Translations = { new Translation { Language = "en", Version = 1, Text = "First.", Translator = "t1" }, new Translation { Language = "en", Version = 2, Text = "Second.", Translator = "t2" } },
        RetractionState = RetractionState.Restated,
    };

    private static RetractionEntry[] Ledger() =>
    [
        new()
        {
            Finding = RetractionFinding.Partial,
            Dated = new UncertainDate { Earliest = "2013-01-01", Precision = DatePrecision.Year, Confidence = Confidence.Medium },
            Description = "Softer words.",
            Audience = "voters",
        },
        new()
        {
            Finding = RetractionFinding.NoneFound,
            Dated = new UncertainDate { Earliest = "2021-02-01", Precision = DatePrecision.Day, Confidence = Confidence.High },
            Description = "Nothing.",
            Searched = "two archives",
        },
    ];

    private static string Page(Statement statement, IReadOnlyList<RetractionEntry> ledger) => string.Join('\n', StatementPage.Lines(statement, ledger)) + "\n";
}
