using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Register;

/// <summary>The changes of the public register, for those who keep a copy of it.</summary>
internal sealed class ListRegisterChanges(Database database)
{
    private const string PageSql = "SELECT sequence, subject, recorded_at FROM register_news WHERE sequence > $1 ORDER BY sequence LIMIT $2";

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID.</exception>
    public Task<ListRegisterChangesResponse> HandleAsync(ListRegisterChangesRequest request, CancellationToken cancellation)
    {
        new Violations().Require(request.After >= 0, "after", "must not be negative").ThrowIfAny();
        return database.ReadAsync(async tx =>
        {
            var changes = await tx.QueryAsync(
                PageSql,
                static row => new RegisterChange { Sequence = row.GetInt64(0), Entry = RegisterView.NameOf(row.GetString(1)), RecordedAt = row.GetFieldValue<DateTimeOffset>(2).ToTimestamp() },
                request.After, PageSize.Coerce(request.PageSize));
            return new ListRegisterChangesResponse { Changes = { changes }, NextAfter = changes.Count > 0 ? changes[^1].Sequence : request.After };
        }, cancellation);
    }
}
