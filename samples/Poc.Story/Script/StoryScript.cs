using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Poc.Story.Script;

/// <summary>The story as data: everything it files, votes and expects comes from these files.</summary>
internal sealed class StoryScript
{
    public required SubjectsFile Subjects { get; init; }
    public required StatementsFile Statements { get; init; }
    public required PrecedentsFile Precedents { get; init; }
    public required PeopleFile People { get; init; }
    public required RequestsFile Requests { get; init; }
    public required ReviewsFile Reviews { get; init; }

    public ScriptedSubject MainSubject => Subjects.Subjects.Single(subject => subject.Id == Statements.Subject);

    /// <summary>The episode that the reviews are about: the last one.</summary>
    public ScriptedEpisode MainEpisode => MainSubject.Episodes[^1];

    public ScriptedReview Review(string key) => Reviews.Reviews.Single(review => review.Key == key);

    public IReadOnlyList<ScriptedRetractionEntry> LedgerOf(ScriptedStatement statement) =>
        [.. statement.Retraction.Select(id => Statements.RetractionEntries.Single(entry => entry.Id == id))];

    /// <exception cref="InvalidDataException">A file is missing or does not read as what it must hold; the message names file and line.</exception>
    public static StoryScript Load(string folder) => new()
    {
        Subjects = Read<SubjectsFile>(folder, "subjects.yaml"),
        Statements = Read<StatementsFile>(folder, "statements.yaml"),
        Precedents = Read<PrecedentsFile>(folder, "precedents.yaml"),
        People = Read<PeopleFile>(folder, "people.yaml"),
        Requests = Read<RequestsFile>(folder, "requests.yaml"),
        Reviews = Read<ReviewsFile>(folder, "reviews.yaml"),
    };

    private static T Read<T>(string folder, string file)
    {
        // Unknown keys are errors, so that a misspelt one is not silently nothing.
        var yaml = new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).WithEnforceRequiredMembers().Build();
        try
        {
            return yaml.Deserialize<T>(File.ReadAllText(Path.Combine(folder, file)));
        }
        catch (Exception problem) when (problem is IOException or YamlException)
        {
            throw new InvalidDataException($"{file}: {problem.Message} {problem.InnerException?.Message}".TrimEnd(), problem);
        }
    }
}
