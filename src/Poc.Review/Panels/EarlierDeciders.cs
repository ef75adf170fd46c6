using Poc.Postgres;

namespace Poc.Review.Panels;

/// <summary>Who took part in a decision.</summary>
internal static class EarlierDeciders
{
    // Everybody who sat on the panel, also who stepped back from it later; who drafted; who signed. Along the row of appeals to its first decision.
    private const string PeopleSql = """
        WITH RECURSIVE chain AS (
            SELECT n.name, n.dossier, n.drafted_by FROM decisions AS n WHERE n.name = $1
            UNION
            SELECT p.name, p.dossier, p.drafted_by FROM chain AS c JOIN dossiers AS d ON d.name = c.dossier JOIN decisions AS p ON p.name = d.appeals)
        SELECT m.staff FROM panel_members AS m JOIN chain AS c ON c.dossier = m.dossier
        UNION SELECT drafted_by FROM chain
        UNION SELECT s.staff FROM signatures AS s JOIN chain AS c ON c.name = s.decision
        """;

    /// <summary>Everybody who took part in what an appeal is against; nobody where there is no appeal.</summary>
    public static async Task<IReadOnlySet<string>> OfAsync(Tx tx, string? appealed) => appealed is null
        ? new HashSet<string>()
        : (await tx.QueryAsync(PeopleSql, static row => row.GetString(0), appealed)).ToHashSet(StringComparer.Ordinal);
}
