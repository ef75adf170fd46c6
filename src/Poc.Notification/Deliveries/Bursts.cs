using Microsoft.Extensions.Options;
using Poc.Postgres;

namespace Poc.Notification.Deliveries;

/// <summary>Bursts of similar requests. While one about a subject is open, staff are not mailed of each request about that subject: they were told of the burst, and their inbox has each.</summary>
internal sealed class Bursts(IOptions<NotificationOptions> options)
{
    // News of one campaign come in any order, and late: time is the database's.
    private const string OpenSql = """
        INSERT INTO bursts AS b (campaign, subjects, last_at) VALUES ($1, $2, now())
        ON CONFLICT ON CONSTRAINT pk_bursts DO UPDATE
        SET subjects = CASE WHEN cardinality(EXCLUDED.subjects) > 0 THEN EXCLUDED.subjects ELSE b.subjects END, last_at = now()
        """;

    private const string IsOpenSql = "SELECT EXISTS (SELECT 1 FROM bursts WHERE last_at > now() - $2 AND $1 = ANY(subjects))";

    /// <summary>A campaign was raised, or requests joined it.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="campaign"><c>campaigns/{c}</c>.</param>
    /// <param name="subjects">Whom it is about; empty where the news does not say.</param>
    public static Task GoesOnAsync(Tx tx, string campaign, IReadOnlyList<string> subjects) => tx.ExecuteAsync(OpenSql, campaign, subjects.ToArray());

    /// <summary>Whether a burst about the subject is open.</summary>
    public async Task<bool> IsOpenAsync(Tx tx, string? subject) => subject is not null && await tx.ScalarAsync<bool>(IsOpenSql, subject, options.Value.BurstEndsAfter);
}
