using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Postgres;
using static Poc.Contracts.Review.V1.Dossier.Types;

namespace Poc.Review.Dossiers;

/// <summary>Dossiers without their requests, newest first; of a person under whichever of their names. Ids sort by time, so the page token is the last name.</summary>
internal sealed class ListDossiers(Database database, PageTokens tokens)
{
    private const string PageSql = """
        SELECT name FROM dossiers
        WHERE ($1 = '' OR subject IN (SELECT names_of(person_of($1, 'infinity'), 'infinity'))) AND ($2 = '' OR state = $2) AND ($3 = '' OR name COLLATE "C" < $3)
        ORDER BY name COLLATE "C" DESC LIMIT $4
        """;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, PAGE_TOKEN_INVALID.</exception>
    public async Task<ListDossiersResponse> HandleAsync(ListDossiersRequest request, CancellationToken cancellation)
    {
        var size = PageSize.Coerce(request.PageSize);
        new Violations()
            .Require(Enum.IsDefined(request.State), "state", "must be one of the values of the enumeration")
            .ThrowIfAny();
        var after = tokens.Read(request, request.PageToken) ?? "";
        var state = request.State == State.Unspecified ? "" : EnumText<State>.Of(request.State);
        return await database.ReadAsync(async tx =>
        {
            var names = await tx.QueryAsync(PageSql, static row => row.GetString(0), request.Subject, state, after, size + 1);
            string[] page = [.. names.Take(size)];
            return new ListDossiersResponse
            {
                Dossiers = { await DossierView.ReadAsync(tx, page, withRequests: false) },
                NextPageToken = names.Count > size ? tokens.Issue(request, page[^1]) : "",
            };
        }, cancellation);
    }
}
