using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Review.Register;

/// <summary>A subject's public entry, as it is now or as it was said on a day (<see cref="RegisterView"/> says what that means).</summary>
internal sealed class GetRegisterEntry(Database database, RegisterCache cache, TimeProvider clock)
{
    private const string KnownSql = "SELECT was_said($1, $2)";

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID (also for a day of the future), NOT_FOUND SUBJECT_NOT_FOUND: nothing was said of anybody of
    /// that name.</exception>
    public Task<GetRegisterEntryResponse> HandleAsync(GetRegisterEntryRequest request, CancellationToken cancellation)
    {
        var today = Days.Today(clock);
        var violations = new Violations().Name("name", request.Name, "register/{subject}");
        if (request.AsOf.Length > 0)
        {
            violations.DayUpTo("as_of", request.AsOf, today);
        }

        violations.ThrowIfAny();
        var asOf = request.AsOf.Length > 0 ? Days.Parse(request.AsOf) : today;
        return cache.GetAsync(RegisterView.SubjectOf(request.Name), Days.Text(asOf), () => database.ReadAsync(tx => ReadAsync(tx, request.Name, asOf, today), cancellation));
    }

    private static async Task<GetRegisterEntryResponse> ReadAsync(Tx tx, string name, DateOnly asOf, DateOnly today)
    {
        string[] subject = [RegisterView.SubjectOf(name)];
        var entry = (await RegisterView.ReadAsync(tx, subject, asOf)).SingleOrDefault();

        // An entry that was empty on that day says so, and so does one that is read under another now; a subject of whom nothing was ever said has none.
        var known = entry is { Episodes.Count: > 0 } || await tx.ScalarAsync<bool>(KnownSql, subject[0], today);
        return known ? new GetRegisterEntryResponse { Entry = entry } : throw ReviewErrors.SubjectNotFound(name);
    }
}
