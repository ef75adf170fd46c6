using Poc.Contracts.StatementArchive.V1;

namespace Poc.StatementArchive.Statements;

/// <summary>What the reviews of a translation's version fold to. They are notes of their statement, each with its entry in the log.</summary>
internal static class TranslationReviews
{
    /// <summary>The last word counts: a dispute stands until it is decided, and what was decided may be disputed again.</summary>
    /// <param name="reviews">Oldest first.</param>
    public static TranslationState Of(IEnumerable<TranslationReview> reviews)
        => reviews.LastOrDefault()?.Verdict ?? TranslationState.Unreviewed;

    /// <summary>The reviews of one version among a statement's notes, oldest first.</summary>
    public static IReadOnlyList<TranslationReview> Among(IEnumerable<Annotation> annotations, string language, int version)
        => [.. annotations.Where(note => note.Review is { } review && review.Language == language && review.Version == version).Select(Dated)];

    /// <summary>Whether a version in that state can be cited.</summary>
    public static bool CanBeCited(TranslationState state) => state is not (TranslationState.Disputed or TranslationState.Rejected);

    private static TranslationReview Dated(Annotation note)
    {
        var review = note.Review.Clone();
        review.At = note.AddedAt;
        return review;
    }
}
