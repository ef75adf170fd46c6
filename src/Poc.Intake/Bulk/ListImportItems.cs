using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Bulk;

/// <summary>The results of an import, by place.</summary>
internal sealed class ListImportItems(Database database, PageTokens tokens)
{
    private const string Select =
        """
        SELECT item_index, body_sha256, request, error
        FROM import_items
        WHERE partner_id = $1 AND import_id = $2 AND item_index > $3 AND (NOT $4 OR request IS NULL)
        ORDER BY item_index
        LIMIT $5
        """;

    public async Task<ListImportItemsResponse> HandleAsync(ListImportItemsRequest message, ServerCallContext context)
    {
        var name = ImportName.Require(context.Caller(), "parent", message.Parent);
        var size = PageSize.Coerce(message.PageSize);
        var after = tokens.Read(message, message.PageToken) is { } cursor ? int.Parse(cursor, CultureInfo.InvariantCulture) : -1;
        var results = await database.ReadAsync(async tx =>
        {
            _ = await ImportLedger.FindAsync(tx, name);
            return await tx.QueryAsync(Select, row => ImportLedger.Read(name, row), name.Partner, name.Id, after, message.RefusedOnly, size + 1);
        }, context.CancellationToken);
        return new ListImportItemsResponse
        {
            Items = { results.Take(size).Select(static result => result.ToItem()) },
            NextPageToken = results.Count > size ? tokens.Issue(message, results[size - 1].Index.ToString(CultureInfo.InvariantCulture)) : "",
        };
    }
}
