using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Annotations;
using Poc.StatementArchive.Keys;

namespace Poc.StatementArchive.Statements;

/// <summary>Puts on record what a second translator says of a version of a translation, or how a dispute about it was decided.</summary>
public sealed class ReviewTranslation(IdempotentWrites writes, StoredStatements statements, AnnotationRecorder notes)
{
    /// <summary>Answers when it is on disk, with what the reviews fold to now.</summary>
    public Task<ReviewTranslationResponse> HandleAsync(ReviewTranslationRequest request, Caller caller, CancellationToken cancellation)
    {
        var violations = new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("parent", request.Parent, StatementName.Pattern)
            .Require(request.Review is not null, "review", "is required");
        if (request.Review is { } review)
        {
            violations
                .Language("review.language", review.Language)
                .Require(review.Version > 0, "review.version", "must be at least 1")
                .Require(
                    review.Verdict is TranslationState.Confirmed or TranslationState.Disputed or TranslationState.Upheld or TranslationState.Rejected,
                    "review.verdict", "must be CONFIRMED, DISPUTED, UPHELD or REJECTED")
                .NotBlank("review.reviewer", review.Reviewer).Handle("review.reviewer", review.Reviewer)
                .MaxLength("review.reason", review.Reason, StatementRules.MaxDescription)
                .Require(
                    review.Verdict == TranslationState.Confirmed || !string.IsNullOrWhiteSpace(review.Reason), "review.reason", "is required unless the version is confirmed");
        }

        violations.ThrowIfAny();
        return writes.OnceAsync(caller, request.RequestId, request, tx => ReviewAsync(tx, request, caller), (tx, _) => AgainAsync(tx, request), cancellation);
    }

    private async Task<KeptAnswer<ReviewTranslationResponse>> ReviewAsync(Tx tx, ReviewTranslationRequest request, Caller caller)
    {
        var key = await statements.LockAsync(tx, request.Parent);
        var translation = await TranslationAsync(tx, key, request);
        var review = request.Review.Clone();
        review.At = null;
        var isDisputed = translation.State == TranslationState.Disputed;
        if (review.Verdict is TranslationState.Upheld or TranslationState.Rejected)
        {
            if (!isDisputed)
            {
                throw ArchiveErrors.TranslationNotDisputed(request.Parent);
            }

            new Violations().Require(review.Reviewer != translation.Reviews[^1].Reviewer, "review.reviewer", "must be another than who raised the dispute").ThrowIfAny();
        }
        else if (isDisputed)
        {
            throw ArchiveErrors.TranslationDisputed(request.Parent);
        }

        new Violations().Require(review.Reviewer != translation.Translator, "review.reviewer", "must be another than the translator").ThrowIfAny();
        await notes.RecordAsync(tx, key, new Annotation { Review = review }, caller);
        return new KeptAnswer<ReviewTranslationResponse>(await AgainAsync(tx, request), new ReviewTranslationResponse(), key.ObjectId);
    }

    // A repetition is answered with what is on record by then.
    private async Task<ReviewTranslationResponse> AgainAsync(Tx tx, ReviewTranslationRequest request)
        => new() { Translation = await TranslationAsync(tx, await statements.LockAsync(tx, request.Parent), request) };

    private async Task<Translation> TranslationAsync(Tx tx, ObjectKey key, ReviewTranslationRequest request)
    {
        var (language, version) = (request.Review.Language, request.Review.Version);
        return (await statements.ReadAsync(tx, [key.ObjectId])).GetValueOrDefault(key.ObjectId)?.Translations
            .SingleOrDefault(translation => translation.Language == language && translation.Version == version)
            ?? throw ArchiveErrors.TranslationNotFound(request.Parent, language, version);
    }
}
