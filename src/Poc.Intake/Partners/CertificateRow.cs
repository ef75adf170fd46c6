using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Intake.V1;

namespace Poc.Intake.Partners;

/// <summary>A row of <c>certificates</c> as the wire shows it.</summary>
internal static class CertificateRow
{
    /// <summary>What to select for <see cref="Read"/>, in this order.</summary>
    public const string Columns = "partner_id, sha256, not_before, not_after, created_at, revoked_at, last_used_at";

    /// <summary>The certificate of the row.</summary>
    public static Certificate Read(NpgsqlDataReader row) => new()
    {
        Name = $"partners/{row.GetString(0)}/certificates/{Convert.ToHexStringLower(row.GetFieldValue<byte[]>(1))}",
        NotBefore = Time(row, 2),
        NotAfter = Time(row, 3),
        CreatedAt = Time(row, 4),
        RevokedAt = Time(row, 5),
        LastUsedAt = Time(row, 6),
    };

    private static Timestamp? Time(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column).ToTimestamp();
}
