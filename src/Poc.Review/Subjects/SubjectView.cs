using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Review.V1;
using Poc.Postgres;

namespace Poc.Review.Subjects;

/// <summary>Reads subjects, episodes, designation changes and mandates as staff see them: all of it, with who may see what, now or as it was on record at a moment. What is merged into a subject is
/// read under it.</summary>
internal static class SubjectView
{
    private const string SubjectSql = """
        SELECT s.name, i.native_name, i.script, i.transliterations, s.synthetic, i.birth_date, i.identity_note, person_of(s.name, $2), ARRAY(SELECT n FROM names_of(s.name, $2) AS n WHERE n <> s.name ORDER BY n)
        FROM subjects AS s CROSS JOIN LATERAL identity_of(s.name, $2) AS i WHERE s.name = $1 AND s.recorded_at <= $2
        """;

    private const string EpisodesSql = """
        SELECT name, detained_on, description FROM episodes WHERE subject IN (SELECT names_of($1, $2)) AND recorded_at <= $2 ORDER BY detained_on, name
        """;

    private const string EpisodeSql = "SELECT name, detained_on, description FROM episodes WHERE name = $1";

    private const string ChangesSql = """
        SELECT episode, sequence, state, label, effective_on, recorded_at, COALESCE(decision, ''), reason,
               CASE WHEN public_day <= ($2 AT TIME ZONE 'UTC')::date THEN 'PUBLIC' WHEN decision IS NOT NULL THEN 'EMBARGOED' ELSE 'INTERNAL' END,
               r.declared_by, r.declared_on, r.verified_how, COALESCE(r.statement, '')
        FROM designation_history AS h LEFT JOIN renunciations AS r USING (episode, sequence)
        WHERE episode = ANY($1) AND recorded_at <= $2 ORDER BY episode, sequence
        """;

    private const string MandatesSql = """
        SELECT name, aim, in_force, effective_on, reason, decided_by FROM mandates WHERE subject IN (SELECT names_of($1, $2)) AND recorded_at <= $2 ORDER BY id
        """;

    /// <summary>A subject as it is now; null when there is none of that name.</summary>
    public static Task<Subject?> ReadAsync(Tx tx, string name) => ReadAsync(tx, name, DateTimeOffset.MaxValue);

    /// <summary>A subject as it was on record at a moment; null when there was none of that name.</summary>
    public static async Task<Subject?> ReadAsync(Tx tx, string name, DateTimeOffset asOf)
    {
        var subject = await tx.QuerySingleOrDefaultAsync(
            SubjectSql,
            row => new Subject
            {
                Name = row.GetString(0),
                NativeName = row.GetString(1),
                Script = row.GetString(2),
                Transliterations = { row.GetFieldValue<string[]>(3) },
                Synthetic = row.GetBoolean(4),
                BirthDate = row.GetString(5),
                IdentityNote = row.GetString(6),
                MergedInto = row.GetString(7) == name ? "" : row.GetString(7),
                Merged = { row.GetFieldValue<string[]>(8) },
            },
            name, asOf);
        if (subject is null or { MergedInto.Length: > 0 })
        {
            return subject; // What was merged away is read where it was merged to.
        }

        subject.Episodes.AddRange(await WithHistoryAsync(tx, await tx.QueryAsync(EpisodesSql, Episode, name, asOf), asOf));
        subject.Mandates.AddRange(await tx.QueryAsync(
            MandatesSql,
            static row => new Mandate
            {
                Name = row.GetString(0),
                Aim = row.GetString(1),
                InForce = row.GetBoolean(2),
                EffectiveOn = Days.Text(row.GetFieldValue<DateOnly>(3)),
                Reason = row.GetString(4),
                DecidedBy = row.GetString(5),
            },
            name, asOf));
        return subject;
    }

    /// <summary>An episode with its history; null when there is none of that name.</summary>
    public static async Task<Episode?> EpisodeAsync(Tx tx, string name) =>
        (await WithHistoryAsync(tx, await tx.QueryAsync(EpisodeSql, Episode, name), DateTimeOffset.MaxValue)).SingleOrDefault();

    private static Episode Episode(Npgsql.NpgsqlDataReader row) =>
        new() { Name = row.GetString(0), DetainedOn = Days.Text(row.GetFieldValue<DateOnly>(1)), Description = row.GetString(2) };

    private static async Task<IReadOnlyList<Episode>> WithHistoryAsync(Tx tx, IReadOnlyList<Episode> episodes, DateTimeOffset asOf)
    {
        var changes = await tx.QueryAsync(ChangesSql, static row => (Episode: row.GetString(0), Change: Change(row)),
            episodes.Select(static episode => episode.Name).ToArray(), asOf);
        foreach (var episode in episodes)
        {
            episode.History.AddRange(changes.Where(entry => entry.Episode == episode.Name).Select(static entry => entry.Change));
            episode.DesignationState = episode.History[^1].State;
        }

        return episodes;
    }

    private static DesignationChange Change(Npgsql.NpgsqlDataReader row) => new()
    {
        Sequence = row.GetInt32(1),
        State = EnumText<DesignationState>.Parse(row.GetString(2)),
        Label = row.GetString(3),
        EffectiveOn = Days.Text(row.GetFieldValue<DateOnly>(4)),
        RecordedAt = row.GetFieldValue<DateTimeOffset>(5).ToTimestamp(),
        Decision = row.GetString(6),
        Reason = row.GetString(7),
        Publicity = EnumText<Publicity>.Parse(row.GetString(8)),
        Renunciation = row.IsDBNull(9) ? null : new Renunciation
        {
            DeclaredBy = row.GetString(9),
            DeclaredOn = Days.Text(row.GetFieldValue<DateOnly>(10)),
            VerifiedHow = row.GetString(11),
            Statement = row.GetString(12),
        },
    };
}
