using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Subjects;

/// <summary>Which subjects are one person now. The row of the subject under which a person is read is the lock of what is decided about the whole person.</summary>
internal static class People
{
    private const string PersonSql = "SELECT person_of(s.name, 'infinity') FROM subjects AS s WHERE s.name = $1";
    private const string NamesSql = "SELECT n FROM names_of(person_of($1, 'infinity'), 'infinity') AS n ORDER BY n";
    private const string LockSql = "SELECT name FROM subjects WHERE name = ANY($1) ORDER BY name FOR NO KEY UPDATE";

    /// <summary>The subject under which this one is read: itself, where it is not merged. Null when there is no such subject.</summary>
    public static Task<string?> PersonAsync(Tx tx, string subject) => tx.QuerySingleOrDefaultAsync<string>(PersonSql, static row => row.GetString(0), subject);

    /// <summary>All names of the person, the subject's own among them.</summary>
    public static Task<IReadOnlyList<string>> NamesAsync(Tx tx, string subject) => tx.QueryAsync(NamesSql, static row => row.GetString(0), subject);

    /// <summary>Makes whatever else is decided about the person wait for this transaction; gives the subject under which it is read, null when there is none.</summary>
    public static async Task<string?> LockAsync(Tx tx, string subject)
    {
        var person = await PersonAsync(tx, subject);
        while (person is not null)
        {
            await LockRowsAsync(tx, [person]);
            // It may have been merged while this transaction waited: then it is another row that must be locked.
            var now = await PersonAsync(tx, subject);
            if (now == person)
            {
                break;
            }

            person = now;
        }

        return person;
    }

    /// <summary>As <see cref="LockAsync"/>, for what is put on record of one subject: not of one that is read under another.</summary>
    /// <exception cref="RpcError">NOT_FOUND SUBJECT_NOT_FOUND, FAILED_PRECONDITION SUBJECT_MERGED.</exception>
    public static async Task LockOwnAsync(Tx tx, string subject)
    {
        var person = await LockAsync(tx, subject) ?? throw ReviewErrors.SubjectNotFound(subject);
        if (person != subject)
        {
            throw ReviewErrors.SubjectMerged(subject, person);
        }
    }

    /// <summary>Locks rows of subjects, always in the same order.</summary>
    public static Task LockRowsAsync(Tx tx, IReadOnlyCollection<string> subjects) => tx.QueryAsync(LockSql, static row => row.GetString(0), (object)subjects.ToArray());
}
