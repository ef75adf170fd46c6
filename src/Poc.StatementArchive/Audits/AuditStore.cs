using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;

namespace Poc.StatementArchive.Audits;

/// <summary>How far an audit has come.</summary>
internal sealed record AuditState(
    Guid Id, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, long Size, string Step, string Cursor, long Checked, int FindingCount);

/// <summary>What is stored of audits.</summary>
internal static class AuditStore
{
    // What is shown of an audit; of a log that is wrong from end to end nobody reads more.
    private const int ShownFindings = 100;

    private const string Columns = "SELECT audit_id, started_at, finished_at, size, step, cursor, checked, finding_count FROM log_audits";

    private const string NewestSql = $"{Columns} ORDER BY started_at DESC, audit_id DESC LIMIT 1";

    private const string FinishedSql = $"{Columns} WHERE finished_at IS NOT NULL ORDER BY started_at DESC, audit_id DESC LIMIT 1";

    private const string OfIdSql = $"{Columns} WHERE audit_id = $1";

    private const string BeginSql = """
        INSERT INTO log_audits (audit_id, size, step, cursor) VALUES ($1, $2, $3, '') ON CONFLICT ((true)) WHERE finished_at IS NULL DO NOTHING
        """;

    private const string AdvanceSql = """
        UPDATE log_audits SET step = $2, cursor = $3, checked = checked + $4, finding_count = finding_count + $5, finished_at = CASE WHEN $6 THEN now() END
        WHERE audit_id = $1 AND finished_at IS NULL
        """;

    private const string AddFindingSql = """
        INSERT INTO log_audit_findings (audit_id, subject, problem) VALUES ($1, $2, $3) ON CONFLICT ON CONSTRAINT pk_log_audit_findings DO NOTHING
        """;

    private const string FindingsSql = "SELECT subject, problem, found_at FROM log_audit_findings WHERE audit_id = $1 ORDER BY found_at, subject, problem LIMIT $2";

    /// <summary>The audit that runs, or else the last one; null before the first.</summary>
    public static Task<AuditState?> NewestAsync(Tx tx) => tx.QuerySingleOrDefaultAsync(NewestSql, Read);

    /// <summary>The last audit that came to its end; null when none did.</summary>
    public static Task<AuditState?> FinishedAsync(Tx tx) => tx.QuerySingleOrDefaultAsync(FinishedSql, Read);

    /// <summary>An audit; null when there is none of that id.</summary>
    public static Task<AuditState?> FindAsync(Tx tx, Guid id) => tx.QuerySingleOrDefaultAsync(OfIdSql, Read, id);

    /// <summary>Begins an audit of the log of that size, unless one runs.</summary>
    public static Task BeginAsync(Tx tx, Guid id, long size, string firstStep) => tx.ExecuteAsync(BeginSql, id, size, firstStep);

    /// <summary>Keeps what a part has found and where the next one begins; gives the findings that are new.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="audit">Which audit.</param>
    /// <param name="part">What was read.</param>
    /// <param name="nextStep">The step that follows where this part was the last of its own; null at the end.</param>
    public static async Task<IReadOnlyList<AuditFinding>> AdvanceAsync(Tx tx, AuditState audit, AuditPart part, string? nextStep)
    {
        var added = new List<AuditFinding>();
        foreach (var finding in part.Findings)
        {
            if (await tx.ExecuteAsync(AddFindingSql, audit.Id, finding.Subject, finding.Problem) == 1)
            {
                added.Add(finding);
            }
        }

        var isFinished = part.Cursor is null && nextStep is null;
        await tx.ExecuteAsync(
            AdvanceSql, audit.Id, part.Cursor is null && !isFinished ? nextStep : audit.Step, part.Cursor ?? "", part.Checked, added.Count, isFinished);
        return added;
    }

    /// <summary>An audit with its first findings, for callers.</summary>
    public static async Task<Audit> ViewAsync(Tx tx, AuditState audit)
    {
        var findings = await tx.QueryAsync(
            FindingsSql,
            row => new Contracts.StatementArchive.V1.AuditFinding
            {
                Subject = row.GetString(0),
                Problem = row.GetString(1),
                FoundAt = row.GetFieldValue<DateTimeOffset>(2).ToTimestamp(),
            },
            audit.Id, ShownFindings);
        return new Audit
        {
            Name = $"audits/{audit.Id}",
            StartedAt = audit.StartedAt.ToTimestamp(),
            FinishedAt = audit.FinishedAt?.ToTimestamp(),
            TreeSize = audit.Size,
            Step = audit.FinishedAt is null ? audit.Step : "",
            Checked = audit.Checked,
            FindingCount = audit.FindingCount,
            Findings = { findings },
        };
    }

    private static AuditState Read(Npgsql.NpgsqlDataReader row) => new(
        row.GetGuid(0), row.GetFieldValue<DateTimeOffset>(1), row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2), row.GetInt64(3), row.GetString(4), row.GetString(5),
        row.GetInt64(6), row.GetInt32(7));
}
