using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>A page of a partner's API keys, newest first.</summary>
internal sealed class ListApiKeys(Database database, PageTokens tokens)
{
    private const string PartnerExists = "SELECT EXISTS (SELECT FROM partners WHERE partner_id = $1)";

    // The cursor is the last key of the page before.
    private const string SelectPage =
        """
        SELECT partner_id, api_key_id, created_at, revoked_at, last_used_at
        FROM api_keys
        WHERE partner_id = $1
          AND ($2 = '' OR (created_at, api_key_id) < (SELECT last.created_at, last.api_key_id FROM api_keys AS last WHERE last.api_key_id = $2))
        ORDER BY created_at DESC, api_key_id DESC
        LIMIT $3
        """;

    public async Task<ListApiKeysResponse> HandleAsync(ListApiKeysRequest message, ServerCallContext context)
    {
        new Violations().Name("parent", message.Parent, "partners/{partner}").ThrowIfAny();
        var size = PageSize.Coerce(message.PageSize);
        var after = tokens.Read(message, message.PageToken) ?? "";
        var partner = message.Parent["partners/".Length..];
        return await database.ReadAsync(
            async tx =>
            {
                if (!await tx.ScalarAsync<bool>(PartnerExists, partner))
                {
                    throw IntakeErrors.PartnerNotFound(message.Parent);
                }

                var rows = await tx.QueryAsync(SelectPage, Read, partner, after, size + 1);
                return new ListApiKeysResponse
                {
                    ApiKeys = { rows.Take(size) },
                    NextPageToken = rows.Count > size ? tokens.Issue(message, rows[size - 1].Name.Split('/')[^1]) : "",
                };
            },
            context.CancellationToken);
    }

    private static ApiKey Read(NpgsqlDataReader row) => new()
    {
        Name = $"partners/{row.GetString(0)}/apiKeys/{row.GetString(1)}",
        CreatedAt = row.GetFieldValue<DateTimeOffset>(2).ToTimestamp(),
        RevokedAt = row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3).ToTimestamp(),
        LastUsedAt = row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4).ToTimestamp(),
    };
}
