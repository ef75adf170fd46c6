using Google.Protobuf.WellKnownTypes;
using Npgsql;

namespace Poc.Notification;

/// <summary>Times of rows as they go out.</summary>
internal static class Timestamps
{
    public static Timestamp? TimestampOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : Timestamp.FromDateTimeOffset(row.GetFieldValue<DateTimeOffset>(column));
}
