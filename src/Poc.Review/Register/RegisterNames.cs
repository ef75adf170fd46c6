using Poc.Kernel.Text;
using Poc.Postgres;

namespace Poc.Review.Register;

/// <summary>The names by which persons are found, folded as people spell them in any script.</summary>
internal sealed class RegisterNames(Database database)
{
    private const int Batch = 500;

    private const string AddSql = """
        INSERT INTO register_names (subject, since, name, folded) SELECT $1, $2, name, folded FROM unnest($3::text[], $4::text[]) AS n (name, folded) ON CONFLICT DO NOTHING
        """;

    private const string MissingSql = """
        SELECT subject, since, names FROM (
            SELECT s.name AS subject, s.recorded_at AS since, s.native_name || s.transliterations AS names FROM subjects AS s
            UNION ALL SELECT h.subject, h.confirmed_at, h.native_name || h.transliterations FROM identity_history AS h WHERE h.kind = 'CORRECTED') AS known
        WHERE NOT EXISTS (SELECT 1 FROM register_names AS n WHERE n.subject = known.subject AND n.since = known.since) LIMIT $1
        """;

    /// <summary>Adds the names that a subject has from a moment on.</summary>
    public static Task AddAsync(Tx tx, string subject, DateTimeOffset since, string nativeName, IEnumerable<string> transliterations)
    {
        // A name of signs alone folds to nothing, and is kept so that it is not missing.
        string[] names = [.. transliterations.Prepend(nativeName).Distinct(StringComparer.Ordinal)];
        return tx.ExecuteAsync(AddSql, subject, since, names, names.Select(NameFold.Of).ToArray());
    }

    /// <summary>Adds the names of whatever was recorded before there was this table.</summary>
    public async Task FillAsync(CancellationToken cancellation)
    {
        while (await database.InTransactionAsync(FillSomeAsync, cancellation))
        {
        }
    }

    private static async Task<bool> FillSomeAsync(Tx tx)
    {
        var missing = await tx.QueryAsync(
            MissingSql, static row => (Subject: row.GetString(0), Since: row.GetFieldValue<DateTimeOffset>(1), Names: row.GetFieldValue<string[]>(2)), Batch);
        foreach (var (subject, since, names) in missing)
        {
            await AddAsync(tx, subject, since, names[0], names.Skip(1));
        }

        return missing.Count > 0;
    }
}
