using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Review.V1;
using Poc.Postgres;

namespace Poc.Review.Subjects;

/// <summary>Reads subjects, episodes, designation changes and mandates as staff see them: all of it, with who may see what.</summary>
internal static class SubjectView
{
    private const string SubjectSql = "SELECT name, native_name, script, transliterations, synthetic FROM subjects WHERE name = $1";
    private const string EpisodesSql = "SELECT name, detained_on, description FROM episodes WHERE subject = $1 ORDER BY detained_on, name";
    private const string EpisodeSql = "SELECT name, detained_on, description FROM episodes WHERE name = $1";

    private const string ChangesSql = """
        SELECT episode, sequence, state, label, effective_on, recorded_at, COALESCE(decision, ''), reason,
               CASE WHEN public_day IS NOT NULL THEN 'PUBLIC' WHEN decision IS NOT NULL THEN 'EMBARGOED' ELSE 'INTERNAL' END
        FROM designation_history WHERE episode = ANY($1) ORDER BY episode, sequence
        """;

    private const string MandatesSql = "SELECT name, aim, in_force, effective_on, reason, decided_by FROM mandates WHERE subject = $1 ORDER BY id";

    /// <summary>A subject; null when there is none of that name.</summary>
    public static async Task<Subject?> ReadAsync(Tx tx, string name)
    {
        var subject = await tx.QuerySingleOrDefaultAsync(
            SubjectSql,
            static row => new Subject
            {
                Name = row.GetString(0),
                NativeName = row.GetString(1),
                Script = row.GetString(2),
                Transliterations = { row.GetFieldValue<string[]>(3) },
                Synthetic = row.GetBoolean(4),
            },
            name);
        if (subject is null)
        {
            return null;
        }

        subject.Episodes.AddRange(await WithHistoryAsync(tx, await tx.QueryAsync(EpisodesSql, Episode, name)));
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
            name));
        return subject;
    }

    /// <summary>An episode with its history; null when there is none of that name.</summary>
    public static async Task<Episode?> EpisodeAsync(Tx tx, string name) =>
        (await WithHistoryAsync(tx, await tx.QueryAsync(EpisodeSql, Episode, name))).SingleOrDefault();

    private static Episode Episode(Npgsql.NpgsqlDataReader row) =>
        new() { Name = row.GetString(0), DetainedOn = Days.Text(row.GetFieldValue<DateOnly>(1)), Description = row.GetString(2) };

    private static async Task<IReadOnlyList<Episode>> WithHistoryAsync(Tx tx, IReadOnlyList<Episode> episodes)
    {
        var changes = await tx.QueryAsync(ChangesSql, static row => (Episode: row.GetString(0), Change: Change(row)),
            (object)episodes.Select(static episode => episode.Name).ToArray());
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
    };
}
