using System.Globalization;
using Poc.Postgres;

namespace Poc.StatementArchive.Audits;

/// <summary>Something that is not as it was logged.</summary>
/// <param name="Subject">Table and key, without names: <c>statements/…</c>, <c>log_entries/17</c>.</param>
/// <param name="Problem">What is wrong, in words.</param>
public sealed record AuditFinding(string Subject, string Problem);

/// <summary>A part of a step that was read.</summary>
/// <param name="Cursor">Where the next part begins; null when the step is done.</param>
/// <param name="Checked">How many things were read.</param>
/// <param name="Findings">Those that are not as they were logged.</param>
internal sealed record AuditPart(string? Cursor, long Checked, IReadOnlyList<AuditFinding> Findings)
{
    /// <summary>A part of rows: the step is done when there were none left.</summary>
    public static AuditPart OfRows<T>(IReadOnlyList<T> rows, Func<T, string> cursorOf, IEnumerable<AuditFinding> findings)
        => new(rows.Count == 0 ? null : cursorOf(rows[^1]), rows.Count, [.. findings]);
}

/// <summary>One kind of thing that is read again, part by part.</summary>
/// <param name="Name">What.</param>
/// <param name="ReadAsync">Reads the part that begins at a cursor, of the log of that size; the first cursor is empty.</param>
internal sealed record AuditStep(string Name, Func<Tx, long, string, Task<AuditPart>> ReadAsync)
{
    /// <summary>A number from a cursor; 0 from the first.</summary>
    public static long Number(string cursor) => cursor.Length == 0 ? 0 : long.Parse(cursor, CultureInfo.InvariantCulture);

    /// <summary>A number as a cursor, or as a part of a finding's subject.</summary>
    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
