using Poc.Kernel.Notes;
using Poc.Postgres;

namespace Poc.StatementArchive.Witnesses;

/// <summary>How far a witness has followed the log.</summary>
/// <param name="VerifierKey">Which witness.</param>
/// <param name="Size">Size of the largest checkpoint that it cosigned; 0 before the first.</param>
/// <param name="WitnessedAt">When; null before the first.</param>
/// <param name="UnwitnessedAge">How long ago the first checkpoint after that was signed; zero when there is none.</param>
/// <param name="Alarm">What it holds against the log; null when nothing.</param>
public sealed record WitnessState(string VerifierKey, long Size, DateTimeOffset? WitnessedAt, TimeSpan UnwitnessedAge, string? Alarm);

/// <summary>What is stored of witnesses.</summary>
internal static class Cosignatures
{
    // The empty tree is how every log begins: nothing to witness.
    private const string StatesSql = """
        SELECT witness.key, coalesce(c.size, 0), c.witnessed_at, coalesce(greatest(now() - next.signed_at, interval '0'), interval '0'), a.detail
        FROM unnest($1::text[]) WITH ORDINALITY AS witness (key, place)
        LEFT JOIN LATERAL (SELECT size, witnessed_at FROM log_cosignatures WHERE verifier_key = witness.key ORDER BY size DESC LIMIT 1) c ON true
        LEFT JOIN LATERAL (SELECT signed_at FROM log_checkpoints WHERE size > coalesce(c.size, 0) ORDER BY size LIMIT 1) next ON true
        LEFT JOIN LATERAL (
            SELECT detail FROM log_witness_alarms
            WHERE verifier_key = witness.key AND raised_at > coalesce((SELECT max(witnessed_at) FROM log_cosignatures WHERE verifier_key = witness.key), '-infinity')
            ORDER BY raised_at DESC LIMIT 1) a ON true
        ORDER BY witness.place
        """;

    private const string CosignedSql = """
        SELECT k.note, c.line FROM log_cosignatures c JOIN log_checkpoints k USING (size)
        WHERE c.size = (SELECT max(size) FROM log_cosignatures) ORDER BY c.verifier_key
        """;

    private const string OfMostSql = """
        SELECT size, string_agg(line, '' ORDER BY verifier_key), count(*) FROM log_cosignatures
        WHERE size >= $1 AND verifier_key = ANY ($2) GROUP BY size ORDER BY count(*) DESC, size LIMIT 1
        """;

    private const string AddSql = "INSERT INTO log_cosignatures (size, verifier_key, line) VALUES ($1, $2, $3) ON CONFLICT ON CONSTRAINT pk_log_cosignatures DO NOTHING";

    private const string AddAlarmSql = "INSERT INTO log_witness_alarms (verifier_key, size, detail) VALUES ($1, $2, $3)";

    /// <summary>How far each of these witnesses has followed, in their order.</summary>
    public static Task<IReadOnlyList<WitnessState>> StatesAsync(Tx tx, string[] verifierKeys) => tx.QueryAsync(
        StatesSql,
        row => new WitnessState(
            row.GetString(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2), row.GetTimeSpan(3), row.IsDBNull(4) ? null : row.GetString(4)),
        (object)verifierKeys);

    /// <summary>The largest checkpoint that a witness has cosigned, with a line of each that did; null when none has.</summary>
    public static async Task<string?> NewestAsync(Tx tx)
    {
        var lines = await tx.QueryAsync(CosignedSql, row => (Note: row.GetString(0), Line: row.GetString(1)));
        return lines.Count == 0 ? null : string.Concat([lines[0].Note, .. lines.Select(line => line.Line)]);
    }

    /// <summary>Of the checkpoints from a size on the one that most of these witnesses cosigned, the smallest of several; how many, and their lines. Null when there is none.</summary>
    public static Task<(long Size, string Lines, long Count)?> OfMostAsync(Tx tx, long minSize, string[] verifierKeys) => tx.QuerySingleOrDefaultAsync(
        OfMostSql, static row => ((long, string, long)?)(row.GetInt64(0), row.GetString(1), row.GetInt64(2)), minSize, verifierKeys);

    /// <summary>Keeps a verified line.</summary>
    public static Task AddAsync(Tx tx, long size, NoteKey witness, string line) => tx.ExecuteAsync(AddSql, size, witness.ToString(), line);

    /// <summary>Keeps what a witness holds against the log, unless that is what it said last; gives whether nothing was open against it before.</summary>
    public static async Task<bool> AddAlarmAsync(Tx tx, long size, NoteKey witness, string detail)
    {
        var open = (await StatesAsync(tx, [witness.ToString()]))[0].Alarm;
        if (open != detail)
        {
            await tx.ExecuteAsync(AddAlarmSql, witness.ToString(), size, detail);
        }

        return open is null;
    }
}
