using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Intake.V1;
using Poc.Postgres;

namespace Poc.Intake.Speakers;

/// <summary>Reads the register.</summary>
internal static class SpeakerRegister
{
    private const string Columns = "SELECT id, subject, display_name, capacity, recipient, phone, basis, registered_at, registered_by, ended_at, end_reason FROM speakers";

    private const string SelectOne = $"{Columns} WHERE id = $1 AND subject = $2";

    private const string SelectOfSubject = $"{Columns} WHERE subject = $1 ORDER BY registered_at, id";

    /// <exception cref="Grpc.RpcError">NOT_FOUND (SPEAKER_NOT_FOUND).</exception>
    public static async Task<Speaker> FindAsync(Tx tx, SpeakerName name) =>
        await tx.QuerySingleOrDefaultAsync(SelectOne, Read, name.Id, name.Subject) ?? throw IntakeErrors.SpeakerNotFound(name.ToString());

    public static Task<IReadOnlyList<Speaker>> OfSubjectAsync(Tx tx, string subject) => tx.QueryAsync(SelectOfSubject, Read, subject);

    private static Speaker Read(NpgsqlDataReader row) => new()
    {
        Name = new SpeakerName(row.GetString(1), row.GetGuid(0)).ToString(),
        DisplayName = row.GetString(2),
        Capacity = EnumText<Speaker.Types.Capacity>.Parse(row.GetString(3)),
        Recipient = row.IsDBNull(4) ? "" : row.GetString(4),
        Phone = row.IsDBNull(5) ? "" : row.GetString(5),
        Basis = row.GetString(6),
        RegisteredAt = row.GetFieldValue<DateTimeOffset>(7).ToTimestamp(),
        RegisteredBy = row.GetString(8),
        EndedAt = row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9).ToTimestamp(),
        EndReason = row.GetString(10),
    };
}
