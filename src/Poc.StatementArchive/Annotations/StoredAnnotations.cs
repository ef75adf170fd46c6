using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.StatementArchive.V1;
using Poc.Postgres;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Statements;

namespace Poc.StatementArchive.Annotations;

/// <summary>Reads notes.</summary>
internal static class StoredAnnotations
{
    private const string OfObjectsSql = "SELECT object_id, number, entry_id, sealed, added_at FROM annotations WHERE object_id = ANY ($1) ORDER BY object_id, number";

    /// <summary>The notes about each object, oldest first. One that cannot be opened is left out; the audit names it.</summary>
    public static async Task<ILookup<Guid, Annotation>> LookupAsync(Tx tx, KeyRing ring, IReadOnlyCollection<Guid> objectIds)
    {
        var rows = await tx.QueryAsync(
            OfObjectsSql,
            row => (Id: row.GetGuid(0), Number: row.GetInt32(1), EntryId: row.GetGuid(2), Sealed: row.GetFieldValue<byte[]>(3), At: row.GetFieldValue<DateTimeOffset>(4)),
            objectIds.ToArray());
        return rows
            .Select(row => (row.Id, Annotation: ring.Open(row.Id, row.EntryId, row.Sealed)?.Record is { } record ? Read(record, row.Number, row.At) : null))
            .Where(row => row.Annotation is not null)
            .ToLookup(row => row.Id, row => row.Annotation!);
    }

    private static Annotation Read(string record, int number, DateTimeOffset at)
    {
        var annotation = EvidenceRecord.Read<Annotation>(record);
        (annotation.Number, annotation.AddedAt) = (number, at.ToTimestamp());
        return annotation;
    }
}
