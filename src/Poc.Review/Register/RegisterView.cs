using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Postgres;

namespace Poc.Review.Register;

/// <summary>
/// What was said in public. A change was said on the day its decision became public; a change without a decision on the day it was recorded; one of the past,
/// with
/// its source, on its own day. "As of" asks for that day, not for the day from which a change holds: it answers what the organisation said then, mistakes
/// included.
/// A state of procedure is told with the first public change after it: that a panel sits is not public, that one sat is. Embargoed decisions are nowhere in it.
/// </summary>
internal static class RegisterView
{
    private const string SubjectsSql = "SELECT name, native_name, transliterations, synthetic FROM subjects WHERE name = ANY($1)";

    private const string SaidSql = """
        SELECT e.subject, e.name, e.detained_on, e.description, c.sequence, c.state, c.label, c.effective_on, c.recorded_at, COALESCE(c.decision, ''), c.reason
        FROM episodes AS e JOIN designation_history AS c ON c.episode = e.name
        WHERE e.subject = ANY($1) AND c.public_day <= $2
        ORDER BY e.detained_on, e.name, c.sequence
        """;

    private const string MandatesSql = """
        SELECT subject, name, aim, in_force, effective_on, reason, decided_by FROM (
            SELECT DISTINCT ON (subject, aim) * FROM mandates WHERE subject = ANY($1) AND (recorded_at AT TIME ZONE 'UTC')::date <= $2 ORDER BY subject, aim,
                id DESC) AS last
        WHERE in_force ORDER BY subject, aim
        """;

    private sealed record Said(string Subject, Episode Episode, DesignationChange Change);

    /// <summary>The entries of these subjects as of a day, in the order of the names.</summary>
    public static async Task<IReadOnlyList<RegisterEntry>> ReadAsync(Tx tx, string[] subjects, DateOnly asOf)
    {
        var entries = (await tx.QueryAsync(SubjectsSql, Entry, (object)subjects)).ToDictionary(static entry => SubjectOf(entry.Name), StringComparer.Ordinal);
        foreach (var episode in (await tx.QueryAsync(SaidSql, Change, subjects, asOf)).GroupBy(static said => said.Episode.Name, StringComparer.Ordinal))
        {
            var first = episode.First();
            first.Episode.History.AddRange(episode.Select(static said => said.Change));
            first.Episode.DesignationState = first.Episode.History[^1].State;
            entries[first.Subject].Episodes.Add(first.Episode);
        }

        foreach (var (subject, mandate) in await tx.QueryAsync(MandatesSql, Mandate, subjects, asOf))
        {
            entries[subject].Mandates.Add(mandate);
        }

        return [.. subjects.Where(entries.ContainsKey).Select(name => entries[name])];
    }

    /// <summary><c>register/navalny</c> of <c>subjects/navalny</c>.</summary>
    public static string NameOf(string subject) => string.Concat("register", subject.AsSpan("subjects".Length));

    /// <summary><c>subjects/navalny</c> of <c>register/navalny</c>.</summary>
    public static string SubjectOf(string name) => string.Concat("subjects", name.AsSpan("register".Length));

    private static RegisterEntry Entry(NpgsqlDataReader row) =>
        new()
        {
            Name = NameOf(row.GetString(0)),
            NativeName = row.GetString(1),
            Transliterations = { row.GetFieldValue<string[]>(2) },
            Synthetic = row.GetBoolean(3)
        };

    private static Said Change(NpgsqlDataReader row) => new(
        row.GetString(0),
        new Episode { Name = row.GetString(1), DetainedOn = Days.Text(row.GetFieldValue<DateOnly>(2)), Description = row.GetString(3) },
        new DesignationChange
        {
            Sequence = row.GetInt32(4),
            State = EnumText<DesignationState>.Parse(row.GetString(5)),
            Label = row.GetString(6),
            EffectiveOn = Days.Text(row.GetFieldValue<DateOnly>(7)),
            RecordedAt = row.GetFieldValue<DateTimeOffset>(8).ToTimestamp(),
            Decision = row.GetString(9),
            Reason = row.GetString(10),
            Publicity = Publicity.Public,
        });

    private static (string Subject, Mandate Mandate) Mandate(NpgsqlDataReader row) => (
        row.GetString(0),
        new Mandate
        {
            Name = row.GetString(1),
            Aim = row.GetString(2),
            InForce = row.GetBoolean(3),
            EffectiveOn = Days.Text(row.GetFieldValue<DateOnly>(4)),
            Reason = row.GetString(5),
        });
}
