using System.Globalization;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Dossiers;

namespace Poc.Review.Decisions;

/// <summary>What else is asked of and done to a decision's own row.</summary>
internal static class DecisionRecord
{
    private const string SignedSql = "SELECT EXISTS (SELECT 1 FROM signatures AS s JOIN decisions AS n ON n.name = s.decision WHERE n.dossier = $1)";
    private const string TouchSql = "UPDATE decisions SET revision = revision + 1 WHERE dossier = $1";

    // Along a row of dismissed appeals to the decision that did something.
    private const string AppealedOutcomeSql = """
        WITH RECURSIVE chain AS (
            SELECT n.outcome, n.dossier, 1 AS step FROM decisions AS n WHERE n.name = $1
            UNION ALL
            SELECT p.outcome, p.dossier, c.step + 1 FROM chain AS c JOIN dossiers AS d ON d.name = c.dossier JOIN decisions AS p ON p.name = d.appeals
            WHERE c.outcome = 'APPEAL_DISMISSED')
        SELECT outcome FROM chain ORDER BY step DESC LIMIT 1
        """;

    /// <summary>The etag of a revision.</summary>
    public static string EtagOf(long revision) => "d" + revision.ToString(CultureInfo.InvariantCulture);

    /// <summary>What is signed does not change: once one signature is there, only another one is left to be given.</summary>
    /// <exception cref="RpcError">FAILED_PRECONDITION ILLEGAL_TRANSITION.</exception>
    public static async Task RequireUnsignedAsync(Tx tx, DossierRecord dossier, DossierAction action)
    {
        if (await tx.ScalarAsync<bool>(SignedSql, dossier.Name))
        {
            throw ReviewErrors.IllegalTransition(dossier.Name, dossier.State, $"{action} after a signature", [nameof(DossierAction.SignDecision)]);
        }
    }

    /// <summary>Changes the etag of the dossier's draft, where there is one.</summary>
    public static Task TouchOfDossierAsync(Tx tx, string dossier) => tx.ExecuteAsync(TouchSql, dossier);

    /// <summary>The outcome that an appeal is about.</summary>
    public static async Task<Outcome> AppealedOutcomeAsync(Tx tx, string? appealed) =>
        appealed is null ? Outcome.Unspecified : EnumText<Outcome>.Parse(await tx.ScalarAsync<string>(AppealedOutcomeSql, appealed));
}
