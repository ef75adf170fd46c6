using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Holds;

/// <summary>Reads legal holds.</summary>
internal static class LegalHolds
{
    private const string HeldSql = """
        SELECT DISTINCT h.object_id FROM legal_holds h
        WHERE h.object_id = ANY ($1) AND h.lifts IS NULL AND NOT EXISTS (SELECT 1 FROM legal_holds l WHERE l.lifts = h.hold_id)
        """;

    private const string OfObjectSql = """
        SELECT h.hold_id, h.lifts, h.entry_id, h.sealed, h.at, a.caller, e.index
        FROM legal_holds h JOIN log_entries e USING (entry_id)
        LEFT JOIN actors a ON a.actor_id = (convert_from(e.body, 'UTF8')::jsonb ->> 'actor')::uuid
        WHERE h.object_id = $1 ORDER BY e.index
        """;

    /// <summary>Which of some objects are under a hold.</summary>
    public static async Task<IReadOnlySet<Guid>> HeldAsync(Tx tx, IReadOnlyCollection<Guid> objectIds)
        => (await tx.QueryAsync(HeldSql, static row => row.GetGuid(0), objectIds.ToArray())).ToHashSet();

    /// <summary>All holds of an object, open and lifted, oldest first.</summary>
    /// <exception cref="Poc.Grpc.RpcError">DATA_LOSS CONTENT_CHANGED.</exception>
    public static async Task<IReadOnlyList<LegalHold>> OfObjectAsync(Tx tx, ObjectKey key, string name)
    {
        var rows = await tx.QueryAsync(
            OfObjectSql,
            row => (Id: row.GetGuid(0), Lifts: row.IsDBNull(1) ? null : (Guid?)row.GetGuid(1), EntryId: row.GetGuid(2), Sealed: row.GetFieldValue<byte[]>(3),
                At: row.GetFieldValue<DateTimeOffset>(4), Actor: row.IsDBNull(5) ? "" : row.GetString(5), Index: row.GetInt64(6)),
            key.ObjectId);
        var holds = new Dictionary<Guid, LegalHold>();
        foreach (var row in rows)
        {
            var record = key.Open(row.EntryId, row.Sealed)?.Record ?? throw ArchiveErrors.ContentChanged(row.Index);
            var said = EvidenceRecord.Read<LegalHold>(record);
            if (row.Lifts is null)
            {
                (said.Name, said.Object, said.PlacedBy, said.PlacedAt) = (NameOf(row.Id), name, row.Actor, row.At.ToTimestamp());
                holds[row.Id] = said;
            }
            else
            {
                var hold = holds[row.Lifts.Value];
                (hold.LiftReason, hold.LiftedBy, hold.LiftedAt) = (said.LiftReason, row.Actor, row.At.ToTimestamp());
            }
        }

        return [.. holds.Values];
    }

    /// <summary>Name of a hold.</summary>
    public static string NameOf(Guid id) => $"legalHolds/{id}";
}
