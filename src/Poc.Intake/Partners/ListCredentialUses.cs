using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>A page of what a partner's credentials were used for, newest hour first.</summary>
internal sealed class ListCredentialUses(Database database, PageTokens tokens)
{
    private const string PartnerExists = "SELECT EXISTS (SELECT FROM partners WHERE partner_id = $1)";

    private const string SelectPage =
        """
        SELECT partner_id, hour, credential, network, outcome, calls, last_at
        FROM credential_uses
        WHERE partner_id = $1
          AND ($2 = '' OR (hour, credential, network, outcome) < (to_timestamp(NULLIF($2, '')::bigint), $3, $4, $5))
        ORDER BY hour DESC, credential DESC, network DESC, outcome DESC
        LIMIT $6
        """;

    public async Task<ListCredentialUsesResponse> HandleAsync(ListCredentialUsesRequest message, ServerCallContext context)
    {
        new Violations().Name("parent", message.Parent, "partners/{partner}").ThrowIfAny();
        var size = PageSize.Coerce(message.PageSize);
        // Hour, credential, network and outcome of the last row before.
        var after = tokens.Read(message, message.PageToken)?.Split(' ') ?? ["", "", "", ""];
        var partner = message.Parent["partners/".Length..];
        return await database.ReadAsync(
            async tx =>
            {
                if (!await tx.ScalarAsync<bool>(PartnerExists, partner))
                {
                    throw IntakeErrors.PartnerNotFound(message.Parent);
                }

                var rows = await tx.QueryAsync(SelectPage, Read, partner, after[0], after[1], after[2], after[3], size + 1);
                return new ListCredentialUsesResponse
                {
                    CredentialUses = { rows.Take(size) },
                    NextPageToken = rows.Count > size ? tokens.Issue(message, Cursor(rows[size - 1])) : "",
                };
            },
            context.CancellationToken);
    }

    private static string Cursor(CredentialUse last) => string.Create(
        CultureInfo.InvariantCulture, $"{last.Hour.Seconds} {last.Credential.Split('/', 3)[2]} {last.Network} {EnumText<CredentialUse.Types.Outcome>.Of(last.Outcome)}");

    private static CredentialUse Read(NpgsqlDataReader row) => new()
    {
        Credential = $"partners/{row.GetString(0)}/{row.GetString(2)}",
        Hour = row.GetFieldValue<DateTimeOffset>(1).ToTimestamp(),
        Network = row.GetString(3),
        Outcome = EnumText<CredentialUse.Types.Outcome>.Parse(row.GetString(4)),
        Calls = row.GetInt64(5),
        LastAt = row.GetFieldValue<DateTimeOffset>(6).ToTimestamp(),
    };
}
