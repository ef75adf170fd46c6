using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>A page of partners, by name.</summary>
internal sealed class ListPartners(Database database, PageTokens tokens)
{
    // "C": the order of a page must not depend on the server's locale, or it would change under a page token.
    private const string SelectPage =
        """
        SELECT partner_id, display_name, kind
        FROM partners
        WHERE partner_id COLLATE "C" > $1
        ORDER BY partner_id COLLATE "C"
        LIMIT $2
        """;

    public async Task<ListPartnersResponse> HandleAsync(ListPartnersRequest message, ServerCallContext context)
    {
        var size = PageSize.Coerce(message.PageSize);
        var after = tokens.Read(message, message.PageToken) ?? "";
        var rows = await database.ReadAsync(
            tx => tx.QueryAsync(
                SelectPage,
                static row => (Id: row.GetString(0), Partner: new Partner { Name = $"partners/{row.GetString(0)}", DisplayName = row.GetString(1), Kind = EnumText<Partner.Types.Kind>.Parse(row.GetString(2)) }),
                after, size + 1),
            context.CancellationToken);
        return new ListPartnersResponse
        {
            Partners = { rows.Take(size).Select(static row => row.Partner) },
            NextPageToken = rows.Count > size ? tokens.Issue(message, rows[size - 1].Id) : "",
        };
    }
}
