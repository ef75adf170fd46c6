using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Dossiers;
using Poc.Review.Protocols;

namespace Poc.Review.Ballots;

/// <summary>A panel with its votes; only for a dossier that this transaction has locked, so that nothing moves while it is counted.</summary>
/// <param name="Members">All who were seated.</param>
/// <param name="Eligible">Those without a conflict.</param>
/// <param name="Votes">All votes that are in.</param>
internal sealed record BallotBox(IReadOnlyList<string> Members, IReadOnlySet<string> Eligible, IReadOnlyList<Vote> Votes)
{
    private const string PanelSql = """
        SELECT m.staff, m.conflict = '', b.choice FROM panel_members AS m LEFT JOIN ballots AS b ON b.dossier = m.dossier AND b.reviewer = m.staff
        WHERE m.dossier = $1 ORDER BY m.staff
        """;

    private const string OpenSql = "UPDATE dossiers SET state = 'BALLOTS_OPEN', ballots_opened_at = $2, revision = revision + 1 WHERE name = $1";

    /// <summary>Votes that count.</summary>
    public int Cast => Votes.Count(vote => Eligible.Contains(vote.Staff));

    /// <summary>The votes that count, counted.</summary>
    public Tally Tally => Quorum.Count(Eligible, Votes);

    public static async Task<BallotBox> ReadAsync(Tx tx, string dossier)
    {
        var panel = await tx.QueryAsync(
            PanelSql,
            static row => (Staff: row.GetString(0), Eligible: row.GetBoolean(1), Choice: row.IsDBNull(2)
                ? (Choice?)null : EnumText<Choice>.Parse(row.GetString(2))),
            dossier);
        return new BallotBox(
            [.. panel.Select(static member => member.Staff)],
            panel.Where(static member => member.Eligible).Select(static member => member.Staff).ToHashSet(StringComparer.Ordinal),
            [.. panel.Where(static member => member.Choice is not null).Select(static member => new Vote(member.Staff, member.Choice!.Value))]);
    }

    /// <summary>Opens all ballots and assessments at once.</summary>
    public async Task OpenAsync(Tx tx, DossierRecord dossier, IdSource ids, DateTimeOffset now)
    {
        await tx.ExecuteAsync(OpenSql, dossier.Name, now);
        await Outbox.AddAsync(tx, new BallotsOpened(ids.Next(), dossier.Name, 1, now, dossier.Subject, Members));
    }
}
