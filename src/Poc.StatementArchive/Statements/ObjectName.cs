using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Erasures;

namespace Poc.StatementArchive.Statements;

/// <summary>The name of what the archive keeps: a statement or a capture.</summary>
internal static class ObjectName
{
    private const string Captures = "captures/";

    private const string LockStatementSql = "SELECT statement_id, captured_at FROM statements WHERE name = $1 FOR NO KEY UPDATE";

    private const string LockCaptureSql = "SELECT capture_id, captured_at FROM captures WHERE capture_id = $1 FOR NO KEY UPDATE";

    private const string FindSql = "SELECT statement_id FROM statements WHERE name = $1 UNION ALL SELECT capture_id FROM captures WHERE capture_id = $2";

    private const string ErasedSql = "SELECT object_id FROM erased_objects WHERE name = $1";

    /// <summary>Whether a name can be one.</summary>
    public static Violations ObjectNamed(this Violations violations, string field, string name) => IsCapture(name)
        ? violations.Name(field, name, "captures/{capture}")
        : violations.Name(field, name, StatementName.Pattern);

    /// <summary>Whether it is that of a capture.</summary>
    public static bool IsCapture(string name) => name.StartsWith(Captures, StringComparison.Ordinal);

    /// <summary>Name of a capture.</summary>
    public static string OfCapture(Guid captureId) => $"{Captures}{captureId:D}";

    /// <summary>The id of an object; null when there is none (any more).</summary>
    public static Task<Guid?> FindAsync(Tx tx, string name) => tx.QuerySingleOrDefaultAsync(FindSql, static row => (Guid?)row.GetGuid(0), name, CaptureId(name));

    /// <summary>Locks the object, so that its entries come one after the other; null when there is none (any more).</summary>
    public static async Task<LockedObject?> FindLockedAsync(Tx tx, string name)
    {
        if (!IsCapture(name))
        {
            return await tx.QuerySingleOrDefaultAsync(LockStatementSql, row => Read(row, name), name);
        }

        return CaptureId(name) is { } id ? await tx.QuerySingleOrDefaultAsync(LockCaptureSql, row => Read(row, name), id) : null;
    }

    /// <summary>Locks the object.</summary>
    /// <exception cref="RpcError">NOT_FOUND STATEMENT_NOT_FOUND or CAPTURE_NOT_FOUND; FAILED_PRECONDITION OBJECT_ERASED.</exception>
    public static async Task<LockedObject> LockAsync(Tx tx, string name) => await FindLockedAsync(tx, name)
        ?? throw (await ErasedObjects.IsErasedAsync(tx, name) ? ArchiveErrors.ObjectErased(name) : NotFound(name));

    /// <summary>The id of an object that was erased; null when none of that name was.</summary>
    public static Task<Guid?> FindErasedAsync(Tx tx, string name) => tx.QuerySingleOrDefaultAsync(ErasedSql, static row => (Guid?)row.GetGuid(0), name);

    /// <summary>NOT_FOUND, by what the name is of.</summary>
    public static RpcError NotFound(string name) => IsCapture(name) ? ArchiveErrors.CaptureNotFound(name) : ArchiveErrors.StatementNotFound(name);

    private static Guid? CaptureId(string name) => IsCapture(name) && Guid.TryParseExact(name[Captures.Length..], "D", out var id) ? id : null;

    private static LockedObject Read(Npgsql.NpgsqlDataReader row, string name) => new(row.GetGuid(0), name, row.GetFieldValue<DateTimeOffset>(1));
}

/// <summary>An object whose row the transaction holds.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="CapturedAt">When it was recorded.</param>
internal sealed record LockedObject(Guid Id, string Name, DateTimeOffset CapturedAt);
