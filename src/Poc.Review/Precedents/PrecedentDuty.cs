using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Precedents;

/// <summary>What a protocol asks of a decision that near precedents speak against: to say of each of them why it is treated differently.</summary>
internal static class PrecedentDuty
{
    /// <summary>Passes where the protocol asks for nothing, or all that it asks for is answered.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="dossier">The review.</param>
    /// <param name="rules">Its protocol.</param>
    /// <param name="outcome">Where the votes lead.</param>
    /// <param name="reasons">The draft's.</param>
    /// <param name="comparisons">What the draft says of precedents.</param>
    /// <exception cref="RpcError">FAILED_PRECONDITION PRECEDENT_UNANSWERED, with all that are.</exception>
    public static async Task RequireAnsweredAsync(Tx tx, string dossier, Rules rules, Outcome outcome, string reasons, IEnumerable<PrecedentComparison> comparisons)
    {
        if (rules.Precedents is not { } rule)
        {
            return;
        }

        var @case = await PrecedentRecord.OfCaseAsync(tx, dossier, reasons) ?? throw ReviewErrors.DossierNotFound(dossier);
        var own = await PrecedentRecord.OwnAsync(tx, dossier);
        var answered = comparisons.Where(static one => one.Departs && !string.IsNullOrWhiteSpace(one.Because)).Select(static one => one.Precedent).ToHashSet(StringComparer.Ordinal);
        var unanswered = (await PrecedentRecord.AllAsync(tx))
            .Where(record => record.Precedent.Name != own && PrecedentNearness.AreOpposed(outcome, record.Precedent.Outcome))
            .Select(record => (record.Precedent.Name, PrecedentNearness.Of(@case, record.Features).Percent))
            .Where(each => each.Percent >= rule.Nearness)
            .Reverse().OrderByDescending(static each => each.Percent).Take(rule.Answer)
            .Select(static each => each.Name).Where(name => !answered.Contains(name)).ToList();
        if (unanswered.Count > 0)
        {
            throw ReviewErrors.PrecedentUnanswered(unanswered);
        }
    }
}
