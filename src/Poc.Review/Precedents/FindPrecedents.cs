using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Precedents;

/// <summary>Precedents by words, by what was found, and by how near they are to a case; the nearest first, and of equally near ones the newest.</summary>
internal sealed class FindPrecedents(Database database)
{
    private const int MostResults = 100;
    private const int UsualResults = 20;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND DOSSIER_NOT_FOUND.</exception>
    public Task<FindPrecedentsResponse> HandleAsync(FindPrecedentsRequest request, CancellationToken cancellation)
    {
        var violations = new Violations().MaxLength("text", request.Text, Names.Prose).Require(request.MaxResults >= 0, "max_results", "must not be negative");
        if (request.Dossier.Length > 0)
        {
            violations.Name("dossier", request.Dossier, Names.Dossier);
        }

        violations.ThrowIfAny();
        return database.ReadAsync(async tx =>
        {
            var (@case, own) = (new PrecedentFeatures([], [], [], request.Text), (string?)null);
            if (request.Dossier.Length > 0)
            {
                @case = await PrecedentRecord.OfCaseAsync(tx, request.Dossier, request.Text) ?? throw ReviewErrors.DossierNotFound(request.Dossier);
                own = await PrecedentRecord.OwnAsync(tx, request.Dossier);
            }

            var found = (await PrecedentRecord.AllAsync(tx)).Where(record => record.Precedent.Name != own && Fits(record, request))
                .Select(record => (record.Precedent, Nearness: PrecedentNearness.Of(@case, record.Features)))
                // Words that were looked for, with no case beside them, are a search: what has none of them is not found.
                .Where(each => each.Nearness.Percent > 0 || request.Dossier.Length > 0 || string.IsNullOrWhiteSpace(request.Text))
                .Reverse().OrderByDescending(static each => each.Nearness.Percent)
                .Take(request.MaxResults == 0 ? UsualResults : Math.Min(request.MaxResults, MostResults));
            return new FindPrecedentsResponse
            {
                Precedents = { found.Select(static each => new NearPrecedent { Precedent = each.Precedent, Nearness = each.Nearness.Percent, Shared = { each.Nearness.Shared } }) },
            };
        }, cancellation);
    }

    private static bool Fits(PrecedentRecord record, FindPrecedentsRequest request) =>
        (request.Criterion.Length == 0 || record.Features.Criteria.Contains(request.Criterion))
        && (request.Outcome == Outcome.Unspecified || record.Precedent.Outcome == request.Outcome)
        && (request.Level == Level.Unspecified || record.Features.Levels.Contains(EnumText<Level>.Of(request.Level)))
        && (request.Retraction == RetractionJudgement.Unspecified || record.Features.Retractions.Contains(EnumText<RetractionJudgement>.Of(request.Retraction)));
}
