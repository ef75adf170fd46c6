using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Postgres;

namespace Poc.Intake.Requesters;

/// <summary>Which keys there are, and how much is under each. Keys are changed once in a while by a person: all of them are one answer.</summary>
internal sealed class ListSealingKeys(Database database, RequesterSeal seal)
{
    private const string Select =
        """
        SELECT k.id, k.first_used_at, k.retired_at, k.retired_by, (SELECT count(*) FROM sealed_requesters AS s WHERE s.key_id = k.id)
        FROM sealing_keys AS k
        ORDER BY k.first_used_at, k.id
        """;

    public async Task<ListSealingKeysResponse> HandleAsync(ListSealingKeysRequest message, ServerCallContext context)
    {
        _ = message;
        var used = await database.ReadAsync(tx => tx.QueryAsync(Select, Read), context.CancellationToken);
        var unused = seal.Keys.Select(SealingKeyName.Of).Except(used.Select(static key => key.Name), StringComparer.Ordinal).Order(StringComparer.Ordinal);
        var answer = new ListSealingKeysResponse { Keys = { used, unused.Select(static name => new SealingKey { Name = name }) } };
        foreach (var key in answer.Keys)
        {
            var id = SealingKeyName.Read(key.Name);
            (key.Configured, key.Current) = (seal.Keys.Contains(id), seal.Seals(id));
        }

        return answer;
    }

    private static SealingKey Read(NpgsqlDataReader row) => new()
    {
        Name = SealingKeyName.Of(row.GetString(0)),
        FirstUsedAt = row.GetFieldValue<DateTimeOffset>(1).ToTimestamp(),
        RetiredAt = row.IsDBNull(2) ? null : row.GetFieldValue<DateTimeOffset>(2).ToTimestamp(),
        RetiredBy = row.IsDBNull(3) ? "" : row.GetString(3),
        SealCount = row.GetInt64(4),
    };
}
