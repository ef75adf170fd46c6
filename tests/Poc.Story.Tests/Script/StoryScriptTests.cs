using Poc.Contracts.Review.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Story.Script;

namespace Poc.Story.Tests.Script;

public sealed class StoryScriptTests
{
    private static readonly string s_data = Path.Combine(AppContext.BaseDirectory, "data");
    private static readonly StoryScript s_script = StoryScript.Load(s_data);

    [Fact]
    public void Tells_the_designation_by_the_states_of_the_domain() => Assert.Equal(
        "PROPOSED → UNDER_ASSESSMENT → PROVISIONAL (2021-01-17) → DESIGNATED (2021-02-02) → UNDER_RECONSIDERATION → LABEL_WITHDRAWN (2021-02-23) → "
        + "UNDER_RECONSIDERATION → Redesignated (2021-05-07) → CLOSED (2024-02-16)",
        Designations.Of(s_script, s_script.MainSubject, s_script.MainEpisode));

    [Fact]
    public void Quotes_stand_in_the_text_at_their_span_in_code_points() => Assert.All(s_script.Statements.Statements, static statement => Assert.All(statement.Quotes, quote =>
    {
        var span = statement.SpanOf(quote.Key).Text;
        Assert.Equal(quote.Value, string.Concat(statement.Text.EnumerateRunes().Skip(span.Start).Take(span.End - span.Start)));
    }));

    [Fact]
    public void No_statement_is_given_as_verbatim() => Assert.DoesNotContain(s_script.Statements.Statements, static statement => statement.Content == ContentKind.Verbatim);

    [Fact]
    public void The_appeal_is_judged_by_other_people()
    {
        var (first, appeal) = (s_script.Review("delisting"), s_script.Review("appeal"));

        Assert.Empty(People(first).Intersect(People(appeal)));
        Assert.Contains(appeal.RefusedMember, People(first));

        static IEnumerable<string?> People(ScriptedReview review) => [.. review.Panel.Select(static member => member.Staff), review.Chair, review.Approver];
    }

    [Fact]
    public void The_first_decision_has_one_dissent() => Assert.Single(s_script.Review("delisting").Panel, static member => member is { Choice: Choice.Against, Dissent: not null });

    [Fact]
    public void A_misspelt_key_is_an_error_that_names_the_file()
    {
        var folder = Directory.CreateTempSubdirectory("poc-story-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(s_data))
            {
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            }

            File.AppendAllText(Path.Combine(folder, "people.yaml"), "sectoins: []\n");
            var problem = Assert.Throws<InvalidDataException>(() => StoryScript.Load(folder));
            Assert.StartsWith("people.yaml: ", problem.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
