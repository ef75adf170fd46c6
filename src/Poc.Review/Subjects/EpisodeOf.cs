using Poc.Postgres;

namespace Poc.Review.Subjects;

/// <summary>Which episode a dossier is about that was opened before any was on record.</summary>
internal static class EpisodeOf
{
    // One detention that was opened under two names before they were one person is there twice: then the one in which something was decided, and stands.
    private const string NewestSql = """
        SELECT e.name FROM episodes AS e
        WHERE e.subject IN (SELECT names_of(person_of($1, 'infinity'), 'infinity'))
        ORDER BY e.detained_on DESC, (SELECT c.state IN ('PROPOSED', 'CLOSED') FROM designation_changes AS c WHERE c.episode = e.name ORDER BY c.sequence DESC LIMIT 1), e.name DESC LIMIT 1
        """;

    /// <summary>The person's newest detention, under whichever of their names; null when none is on record.</summary>
    public static Task<string?> NewestAsync(Tx tx, string subject) => tx.QuerySingleOrDefaultAsync<string>(NewestSql, static row => row.GetString(0), subject);
}
