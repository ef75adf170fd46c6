using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Postgres;

namespace Poc.Intake.Operations;

/// <summary>Reads exports as operations.</summary>
internal static class ExportRow
{
    /// <summary>The columns that <see cref="Read"/> expects, in its order.</summary>
    public const string Columns = "id, partner_id, state, done, total, filter, created_at, updated_at, finished_at, expires_at, size_bytes, sha256";

    private const string SelectOne = $"SELECT {Columns} FROM exports WHERE id = $1 AND partner_id = $2 AND expires_at > $3";

    /// <exception cref="Grpc.RpcError">NOT_FOUND (OPERATION_NOT_FOUND).</exception>
    public static async Task<Operation> FindAsync(Tx tx, OperationName name, DateTimeOffset now) =>
        await tx.QuerySingleOrDefaultAsync(SelectOne, Read, name.Id, name.Partner, now) ?? throw IntakeErrors.OperationNotFound(name.ToString());

    public static Operation Read(NpgsqlDataReader row) => new()
    {
        Name = new OperationName(row.GetString(1), row.GetGuid(0)).ToString(),
        Kind = Operation.Types.Kind.ExportRequests,
        State = EnumText<Operation.Types.State>.Parse(row.GetString(2)),
        DoneCount = row.GetInt64(3),
        TotalCount = row.GetInt64(4),
        Filter = row.GetString(5),
        CreatedAt = row.GetFieldValue<DateTimeOffset>(6).ToTimestamp(),
        UpdatedAt = row.GetFieldValue<DateTimeOffset>(7).ToTimestamp(),
        FinishedAt = row.IsDBNull(8) ? null : row.GetFieldValue<DateTimeOffset>(8).ToTimestamp(),
        ExpiresAt = row.GetFieldValue<DateTimeOffset>(9).ToTimestamp(),
        SizeBytes = row.IsDBNull(10) ? 0 : row.GetInt64(10),
        Sha256 = row.IsDBNull(11) ? "" : Convert.ToHexStringLower(row.GetFieldValue<byte[]>(11)),
    };
}
