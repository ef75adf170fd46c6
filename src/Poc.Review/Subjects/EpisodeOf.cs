using Poc.Postgres;

namespace Poc.Review.Subjects;

/// <summary>Which episode a dossier is about that was opened before any was on record.</summary>
internal static class EpisodeOf
{
    private const string NewestSql = "SELECT name FROM episodes WHERE subject = $1 ORDER BY detained_on DESC, name DESC LIMIT 1";

    /// <summary>The subject's newest detention; null when none is on record.</summary>
    public static Task<string?> NewestAsync(Tx tx, string subject) => tx.QuerySingleOrDefaultAsync<string>(NewestSql, static row => row.GetString(0), subject);
}
