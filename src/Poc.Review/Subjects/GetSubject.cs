using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Subjects;

/// <summary>A subject with its episodes, designations and mandates, as staff see them.</summary>
internal sealed class GetSubject(Database database, TimeProvider clock)
{
    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND SUBJECT_NOT_FOUND.</exception>
    public async Task<GetSubjectResponse> HandleAsync(GetSubjectRequest request, CancellationToken cancellation)
    {
        var asOf = request.AsOf?.ToDateTimeOffset() ?? DateTimeOffset.MaxValue;
        new Violations().Name("name", request.Name, Names.Subject).Require(request.AsOf is null || asOf <= clock.GetUtcNow(), "as_of", "must not be in the future").ThrowIfAny();
        return new GetSubjectResponse
        {
            Subject = await database.ReadAsync(tx => SubjectView.ReadAsync(tx, request.Name, asOf), cancellation) ?? throw ReviewErrors.SubjectNotFound(request.Name),
        };
    }
}
