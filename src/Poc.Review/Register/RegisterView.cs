using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Postgres;
using Poc.Review.Subjects;

namespace Poc.Review.Register;

/// <summary>
/// What was said in public. A change was said on the day its decision became public; a change without a decision on the day it was recorded; one of the past,
/// with
/// its source, on its own day. "As of" asks for that day, not for the day from which a change holds: it answers what the organisation said then, mistakes
/// included.
/// Who somebody is, too, is answered as it was said then: two entries that were made one are two before that day, and a corrected name is the old one.
/// A state of procedure is told with the first public change after it: that a panel sits is not public, that one sat is. Embargoed decisions are nowhere in it.
/// </summary>
internal static class RegisterView
{
    // Of those merged into an entry, those of whom something had been said are named. What else is asked, is asked by all names of the person: they are looked for once.
    private const string SubjectsSql = """
        SELECT s.name, i.native_name, i.transliterations, s.synthetic, person_of(s.name, $2),
               ARRAY(SELECT n FROM names_of(s.name, $2) AS n WHERE n <> s.name AND EXISTS (
                   SELECT 1 FROM episodes AS e JOIN designation_history AS c ON c.episode = e.name WHERE e.subject = n AND c.public_day <= $3) ORDER BY n),
               ARRAY(SELECT names_of(s.name, $2)), EXISTS (SELECT 1 FROM identity_changes AS h WHERE h.subject = s.name OR h.other = s.name)
        FROM subjects AS s CROSS JOIN LATERAL identity_of(s.name, $2) AS i WHERE s.name = ANY($1)
        """;

    // Before anything was said of somebody there was nothing to correct in public.
    private const string ChangesSql = """
        SELECT p.subject, h.subject, h.id, h.kind, COALESCE(h.other, ''), h.native_name, h.script, h.transliterations, h.reason, h.confirmed_at
        FROM unnest($1::text[]) AS p (subject) JOIN identity_history AS h ON h.subject = p.subject OR h.other = p.subject
        WHERE h.confirmed_at <= $2 AND EXISTS (
            SELECT 1 FROM names_of(h.subject, h.confirmed_at) AS n (name) JOIN episodes AS e ON e.subject = n.name JOIN designation_history AS c ON c.episode = e.name
            WHERE c.public_day <= (h.confirmed_at AT TIME ZONE 'UTC')::date)
        ORDER BY h.sequence
        """;

    private const string SaidSql = """
        SELECT n.subject, e.name, e.detained_on, e.description, c.sequence, c.state, c.label, c.effective_on, c.recorded_at, COALESCE(c.decision, ''), c.reason,
               r.declared_by, r.declared_on, COALESCE(r.statement, '')
        FROM unnest($1::text[], $3::text[]) AS n (subject, name)
        JOIN episodes AS e ON e.subject = n.name JOIN designation_history AS c ON c.episode = e.name
        LEFT JOIN renunciations AS r ON r.episode = c.episode AND r.sequence = c.sequence
        WHERE c.public_day <= $2
        ORDER BY e.detained_on, e.name, c.sequence
        """;

    private const string MandatesSql = """
        SELECT subject, name, aim, in_force, effective_on, reason, decided_by FROM (
            SELECT DISTINCT ON (n.subject, m.aim) n.subject, m.aim, m.name, m.in_force, m.effective_on, m.reason, m.decided_by
            FROM unnest($1::text[], $3::text[]) AS n (subject, name) JOIN mandates AS m ON m.subject = n.name
            WHERE m.recorded_at <= $2 ORDER BY n.subject, m.aim, m.id DESC) AS last
        WHERE in_force ORDER BY subject, aim
        """;

    private sealed record Said(string Subject, Episode Episode, DesignationChange Change);

    /// <summary>The entries of these subjects as of a day, in the order of the names.</summary>
    public static async Task<IReadOnlyList<RegisterEntry>> ReadAsync(Tx tx, string[] subjects, DateOnly asOf)
    {
        var at = EndOf(asOf);
        var found = await tx.QueryAsync(SubjectsSql, static row => (Entry: Entry(row), Names: row.GetFieldValue<string[]>(6), HasChanges: row.GetBoolean(7)), subjects, at, asOf);
        var entries = found.ToDictionary(static each => SubjectOf(each.Entry.Name), static each => each.Entry, StringComparer.Ordinal);
        if (found.Where(static each => each.HasChanges).Select(static each => SubjectOf(each.Entry.Name)).ToArray() is { Length: > 0 } changed)
        {
            foreach (var (subject, change) in await tx.QueryAsync(ChangesSql, IdentityChange, changed, at))
            {
                entries[subject].IdentityChanges.Add(change);
            }
        }

        // What was merged away is read where it was merged to.
        var names = found.Where(static each => each.Entry.MergedInto.Length == 0).SelectMany(static each => each.Names.Select(name => (Person: SubjectOf(each.Entry.Name), Name: name))).ToList();
        var (people, named) = (names.Select(static each => each.Person).ToArray(), names.Select(static each => each.Name).ToArray());
        foreach (var episode in (await tx.QueryAsync(SaidSql, Change, people, asOf, named)).GroupBy(static said => said.Episode.Name, StringComparer.Ordinal))
        {
            var first = episode.First();
            first.Episode.History.AddRange(episode.Select(static said => said.Change));
            first.Episode.DesignationState = first.Episode.History[^1].State;
            entries[first.Subject].Episodes.Add(first.Episode);
        }

        foreach (var (subject, mandate) in await tx.QueryAsync(MandatesSql, Mandate, people, at, named))
        {
            entries[subject].Mandates.Add(mandate);
        }

        return [.. subjects.Where(entries.ContainsKey).Select(name => entries[name])];
    }

    /// <summary>The last moment of a day.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => new(day.ToDateTime(TimeOnly.MaxValue), TimeSpan.Zero);

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
            Synthetic = row.GetBoolean(3),
            MergedInto = row.GetString(4) == row.GetString(0) ? "" : NameOf(row.GetString(4)),
            Merged = { row.GetFieldValue<string[]>(5).Select(NameOf) },
        };

    private static (string Subject, IdentityChange Change) IdentityChange(NpgsqlDataReader row)
    {
        var change = new IdentityChange
        {
            Name = IdentityLedger.NameOf(row.GetString(1), row.GetGuid(2)),
            Subject = row.GetString(1),
            Reason = row.GetString(8),
            ConfirmedAt = row.GetFieldValue<DateTimeOffset>(9).ToTimestamp(),
        };
        switch (row.GetString(3))
        {
            case "MERGED":
                change.MergedInto = row.GetString(4);
                break;
            case "SEPARATED":
                change.SeparatedFrom = row.GetString(4);
                break;
            default:
                change.Corrected = new Identity { NativeName = row.GetString(5), Script = row.GetString(6), Transliterations = { row.GetFieldValue<string[]>(7) } };
                break;
        }

        return (row.GetString(0), change);
    }

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
            Renunciation = row.IsDBNull(11) ? null : new Renunciation
            {
                DeclaredBy = row.GetString(11),
                DeclaredOn = Days.Text(row.GetFieldValue<DateOnly>(12)),
                Statement = row.GetString(13),
            },
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
