using Poc.Contracts.Review.V1;
using Poc.Postgres;
using Poc.Review.Protocols;

namespace Poc.Review.Ballots;

/// <summary>A panel with its votes; only for a dossier that this transaction has locked, so that nothing moves while it is counted. Who has voted is known before what they voted.</summary>
/// <param name="Members">All who were seated.</param>
/// <param name="Eligible">Those without a conflict.</param>
/// <param name="Voted">Members whose ballot is in.</param>
/// <param name="Votes">The votes, as far as they are open.</param>
internal sealed record BallotBox(IReadOnlyList<string> Members, IReadOnlySet<string> Eligible, IReadOnlyList<string> Voted, IReadOnlyList<Vote> Votes)
{
    private const string PanelSql = """
        SELECT m.staff, m.conflict = '', s.reviewer IS NOT NULL OR b.reviewer IS NOT NULL, b.choice
        FROM panel_members AS m
        LEFT JOIN sealed_ballots AS s ON s.dossier = m.dossier AND s.reviewer = m.staff
        LEFT JOIN ballots AS b ON b.dossier = m.dossier AND b.reviewer = m.staff
        WHERE m.dossier = $1 ORDER BY m.staff
        """;

    /// <summary>Votes that count.</summary>
    public int Cast => Voted.Count(Eligible.Contains);

    /// <summary>The votes that count, counted; all none before they are open.</summary>
    public Tally Tally => Quorum.Count(Eligible, Votes);

    public static async Task<BallotBox> ReadAsync(Tx tx, string dossier)
    {
        var panel = await tx.QueryAsync(
            PanelSql,
            static row => (Staff: row.GetString(0), Eligible: row.GetBoolean(1), Voted: row.GetBoolean(2), Choice: row.IsDBNull(3)
                ? (Choice?)null : EnumText<Choice>.Parse(row.GetString(3))),
            dossier);
        return new BallotBox(
            [.. panel.Select(static member => member.Staff)],
            panel.Where(static member => member.Eligible).Select(static member => member.Staff).ToHashSet(StringComparer.Ordinal),
            [.. panel.Where(static member => member.Voted).Select(static member => member.Staff)],
            [.. panel.Where(static member => member.Choice is not null).Select(static member => new Vote(member.Staff, member.Choice!.Value))]);
    }
}
