using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Subjects;

/// <summary>Changes of who a subject is, and what is asked of them at their proposal and, once more and decisively, at their confirmation.</summary>
internal static class IdentityLedger
{
    /// <summary>Form of a change's name.</summary>
    public const string Pattern = "subjects/{subject}/identityChanges/{identity_change}";

    private const string Columns = """
        c.id, c.subject, c.kind, COALESCE(c.other, ''), c.native_name, c.script, c.transliterations, c.birth_date, c.identity_note, c.reason, c.proposed_by, c.proposed_at,
        COALESCE(k.confirmed_by, ''), k.confirmed_at, c.seen
        """;

    private const string FindSql = $"""
        SELECT {Columns} FROM identity_changes AS c LEFT JOIN identity_confirmations AS k ON k.change = c.id WHERE c.subject = $1 AND c.id = $2
        """;

    private const string OfPersonSql = $"""
        SELECT {Columns} FROM identity_changes AS c LEFT JOIN identity_confirmations AS k ON k.change = c.id
        WHERE c.subject IN (SELECT names_of($1, 'infinity')) OR c.other = $1 ORDER BY c.proposed_at, c.id
        """;

    private const string SeenSql = """
        SELECT COALESCE(max(h.sequence), 0) FROM identity_history AS h WHERE h.subject = ANY($1) OR h.other = ANY($1)
        """;

    // The label is what it was before a panel looked at it again.
    private const string LabelsSql = """
        SELECT e.name FROM episodes AS e CROSS JOIN LATERAL (
            SELECT c.state FROM designation_changes AS c WHERE c.episode = e.name AND c.state <> 'UNDER_RECONSIDERATION' ORDER BY c.sequence DESC LIMIT 1) AS last
        WHERE e.subject IN (SELECT names_of($1, 'infinity')) AND last.state IN ('PROVISIONAL', 'DESIGNATED') ORDER BY e.name
        """;

    private const string InHandSql = """
        SELECT d.name FROM dossiers AS d
        WHERE d.subject IN (SELECT names_of($1, 'infinity')) AND d.state IN ('VOTING', 'BALLOTS_OPEN', 'DRAFTED') ORDER BY d.name
        """;

    private const string MandatesSql = """
        SELECT DISTINCT ON (m.aim) m.aim, m.in_force FROM mandates AS m WHERE m.subject IN (SELECT names_of($1, 'infinity')) ORDER BY m.aim, m.id DESC
        """;

    private const string MergedSql = """
        SELECT COALESCE((SELECT h.kind = 'MERGED' AND h.other = $2 FROM identity_history AS h WHERE h.subject = $1 AND h.kind <> 'CORRECTED' ORDER BY h.sequence DESC LIMIT 1), false)
        """;

    /// <summary>A change, and the last confirmation that was known when it was proposed.</summary>
    public sealed record Entry(Guid Id, IdentityChange Change, long Seen)
    {
        /// <summary>The other subject of a merge or a separation; empty for a correction.</summary>
        public string Other => OtherOf(Change);
    }

    /// <summary>The other subject of a merge or a separation; empty for a correction.</summary>
    public static string OtherOf(IdentityChange change) => change.ChangeCase switch
    {
        IdentityChange.ChangeOneofCase.MergedInto => change.MergedInto,
        IdentityChange.ChangeOneofCase.SeparatedFrom => change.SeparatedFrom,
        _ => "",
    };

    /// <summary>Name of a change.</summary>
    public static string NameOf(string subject, Guid id) => $"{subject}/identityChanges/{id:D}";

    /// <summary>One change; null when there is none of that name.</summary>
    public static Task<Entry?> FindAsync(Tx tx, string subject, Guid id) => tx.QuerySingleOrDefaultAsync(FindSql, Map, subject, id);

    /// <summary>What was proposed about a subject and about those that are merged into it, or to merge with it; oldest first.</summary>
    public static async Task<IReadOnlyList<IdentityChange>> OfPersonAsync(Tx tx, string subject) => [.. (await tx.QueryAsync(OfPersonSql, Map, subject)).Select(static entry => entry.Change)];

    /// <summary>Number of the last confirmation about any of the subjects; 0 for none.</summary>
    public static Task<long> SeenAsync(Tx tx, params string[] subjects) => tx.ScalarAsync<long>(SeenSql, (object)subjects);

    /// <summary>Episodes of the person in which the label is in force.</summary>
    public static Task<IReadOnlyList<string>> LabelsAsync(Tx tx, string person) => tx.QueryAsync(LabelsSql, static row => row.GetString(0), person);

    /// <summary>Locks everybody whom the change is about, and asks whether it can be made now.</summary>
    /// <exception cref="RpcError">NOT_FOUND SUBJECT_NOT_FOUND, FAILED_PRECONDITION SUBJECT_MERGED, SUBJECT_NOT_MERGED, IDENTITY_CHANGE_BLOCKED.</exception>
    public static async Task RequirePossibleAsync(Tx tx, IdentityChange change)
    {
        var other = OtherOf(change);
        var subjects = other.Length == 0 ? new[] { change.Subject } : [change.Subject, other];
        var locked = await LockAsync(tx, subjects);
        var undecided = change.ChangeCase switch
        {
            IdentityChange.ChangeOneofCase.MergedInto => MergeRule.ForMerge(
                await FactsAsync(tx, RequireUnmerged(change.Subject, locked[0])), await FactsAsync(tx, RequireUnmerged(other, locked[1]))),
            IdentityChange.ChangeOneofCase.SeparatedFrom => MergeRule.ForSeparation(await FactsAsync(tx, await RequireMergedAsync(tx, change.Subject, other))),
            _ => new Undecided([], [], []),
        };
        if (!undecided.IsNothing)
        {
            throw ReviewErrors.IdentityChangeBlocked(change.Subject, undecided.Labels, undecided.Dossiers, undecided.Aims);
        }
    }

    private static string RequireUnmerged(string subject, string person) => person == subject ? subject : throw ReviewErrors.SubjectMerged(subject, person);

    private static async Task<string> RequireMergedAsync(Tx tx, string subject, string other) =>
        await tx.ScalarAsync<bool>(MergedSql, subject, other) ? (await People.PersonAsync(tx, subject))! : throw ReviewErrors.SubjectNotMerged(subject, other);

    private static async Task<string[]> LockAsync(Tx tx, string[] subjects)
    {
        while (true)
        {
            var people = await PeopleAsync();
            await People.LockRowsAsync(tx, [.. subjects.Concat(people).Distinct(StringComparer.Ordinal)]);
            // Somebody may have been merged while this transaction waited: then there are other rows to lock.
            if ((await PeopleAsync()).SequenceEqual(people))
            {
                return people;
            }
        }

        async Task<string[]> PeopleAsync()
        {
            var people = new string[subjects.Length];
            for (var i = 0; i < subjects.Length; i++)
            {
                people[i] = await People.PersonAsync(tx, subjects[i]) ?? throw ReviewErrors.SubjectNotFound(subjects[i]);
            }

            return people;
        }
    }

    private static async Task<PersonFacts> FactsAsync(Tx tx, string person) => new(
        await LabelsAsync(tx, person),
        await tx.QueryAsync(InHandSql, static row => row.GetString(0), person),
        (await tx.QueryAsync(MandatesSql, static row => (Aim: row.GetString(0), InForce: row.GetBoolean(1)), person)).ToDictionary(
            static mandate => mandate.Aim, static mandate => mandate.InForce, StringComparer.Ordinal));

    private static Entry Map(NpgsqlDataReader row)
    {
        var change = new IdentityChange
        {
            Name = NameOf(row.GetString(1), row.GetGuid(0)),
            Subject = row.GetString(1),
            Reason = row.GetString(9),
            ProposedBy = row.GetString(10),
            ProposedAt = row.GetFieldValue<DateTimeOffset>(11).ToTimestamp(),
            ConfirmedBy = row.GetString(12),
            ConfirmedAt = row.IsDBNull(13) ? null : row.GetFieldValue<DateTimeOffset>(13).ToTimestamp(),
        };
        switch (row.GetString(2))
        {
            case "MERGED":
                change.MergedInto = row.GetString(3);
                break;
            case "SEPARATED":
                change.SeparatedFrom = row.GetString(3);
                break;
            default:
                change.Corrected = new Identity
                {
                    NativeName = row.GetString(4),
                    Script = row.GetString(5),
                    Transliterations = { row.GetFieldValue<string[]>(6) },
                    BirthDate = row.GetString(7),
                    Note = row.GetString(8),
                };
                break;
        }

        return new Entry(row.GetGuid(0), change, row.GetInt64(14));
    }
}
