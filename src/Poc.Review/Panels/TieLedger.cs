using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Review.V1;
using Poc.Postgres;
using Poc.Review.Subjects;

namespace Poc.Review.Panels;

/// <summary>Ties between staff and subjects, as they are on record.</summary>
internal static class TieLedger
{
    public const string Pattern = "subjects/{subject}/ties/{tie}";

    private const string Columns = "t.subject, t.id, t.staff, t.reason, t.recorded_by, t.recorded_at, e.ended_at, e.reason";
    private const string OfSubjectSql = $"SELECT {Columns} FROM ties AS t LEFT JOIN tie_ends AS e ON e.tie = t.id WHERE t.subject IN (SELECT names_of(person_of($1, 'infinity'), 'infinity')) ORDER BY t.recorded_at, t.id";
    private const string OneSql = $"SELECT {Columns} FROM ties AS t LEFT JOIN tie_ends AS e ON e.tie = t.id WHERE t.subject = $1 AND t.id = $2";

    private const string TiedSql = """
        SELECT DISTINCT t.staff FROM ties AS t WHERE t.subject IN (SELECT names_of(person_of($1, 'infinity'), 'infinity')) AND t.staff = ANY($2) AND NOT EXISTS (SELECT 1 FROM tie_ends AS e WHERE e.tie = t.id) ORDER BY t.staff
        """;

    /// <summary>
    /// Makes others who seat panels for the person, or record ties to them, wait for this transaction: neither misses the other's. False where there is no such subject.
    /// </summary>
    public static async Task<bool> LockAsync(Tx tx, string subject) => await People.LockAsync(tx, subject) is not null;

    /// <summary>All ties to a person, under whichever of their names, oldest first.</summary>
    public static Task<IReadOnlyList<Tie>> OfSubjectAsync(Tx tx, string subject) => tx.QueryAsync(OfSubjectSql, Map, subject);

    /// <summary>One tie; null when there is none of that name.</summary>
    public static Task<Tie?> FindAsync(Tx tx, string subject, Guid id) => tx.QuerySingleOrDefaultAsync(OneSql, Map, subject, id);

    /// <summary>Those of the people who have a tie to the person.</summary>
    public static Task<IReadOnlyList<string>> TiedAsync(Tx tx, string subject, IEnumerable<string> people) =>
        tx.QueryAsync(TiedSql, static row => row.GetString(0), subject, people.ToArray());

    private static Tie Map(NpgsqlDataReader row) => new()
    {
        Name = $"{row.GetString(0)}/ties/{row.GetGuid(1):D}",
        Staff = row.GetString(2),
        Reason = row.GetString(3),
        RecordedBy = row.GetString(4),
        RecordedAt = row.GetFieldValue<DateTimeOffset>(5).ToTimestamp(),
        EndedAt = row.IsDBNull(6) ? null : row.GetFieldValue<DateTimeOffset>(6).ToTimestamp(),
        EndReason = row.IsDBNull(7) ? "" : row.GetString(7),
    };
}
