using Poc.Contracts.Events;
using Poc.Contracts.Events.StatementArchive.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive.Log;

namespace Poc.StatementArchive.Statements;

/// <summary>
/// Stores new statements in groups: rows, log entries, events and kept answers of all of them by one statement, which is one transaction. The log takes one transaction at a time, so
/// many callers that each had one of their own would each wait for the commits of all before them.
/// </summary>
public sealed class StatementWriter(WriterConnection connection, LogAppender log, ILogger<StatementWriter> logger)
    : GroupWriter<NewStatement, Statement?>(MaxGroup, MaxWeight, MaxWaiting, logger)
{
    private const int MaxGroup = 64;
    private const long MaxWeight = 8 * 1024 * 1024;
    private const int MaxWaiting = 1_024;

    // A name that is taken or was erased, or a request that was answered before, is left out; the others are stored. Arrays of an array come as lines.
    private const string StoreSql = """
        WITH filing AS (
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::uuid[], $6::timestamptz[], $7::text[], $8::uuid[], $9::bytea[], $10::bytea[],
                $11::bytea[], $12::uuid[], $13::text[], $14::text[], $15::text[])
            WITH ORDINALITY AS i (id, name, subject, sealed, entry_id, at, caller, request_id, request_sha256, answer, entry, event_id, event, traceparent, tracestate, place)
        ), stored AS (
            INSERT INTO statements (statement_id, name, subject, sealed, entry_id, captured_at)
            SELECT id, name, subject, sealed, entry_id, at FROM filing f
            WHERE NOT EXISTS (SELECT 1 FROM erased_objects x WHERE x.name = f.name)
                AND NOT EXISTS (SELECT 1 FROM writes w WHERE w.caller = f.caller AND w.request_id = f.request_id)
            ORDER BY name ON CONFLICT ON CONSTRAINT uq_statements_name DO NOTHING
            RETURNING statement_id
        ), claimed AS (
            INSERT INTO writes (caller, request_id, method, body_sha256, response, object_id)
            SELECT f.caller, f.request_id, $16, f.request_sha256, f.answer, f.id FROM filing f JOIN stored s ON s.statement_id = f.id
        ), logged AS (
            INSERT INTO log_entries (index, entry_id, object_id, kind, body)
            SELECT 0, f.entry_id, f.id, 'statement', f.entry FROM filing f JOIN stored s ON s.statement_id = f.id ORDER BY f.place
            RETURNING object_id, index
        ), told AS (
            INSERT INTO outbox (event_id, urn, aggregate, version, body, traceparent, tracestate)
            SELECT f.event_id, $17, f.name, 1, f.event || l.index || '}', f.traceparent, f.tracestate FROM filing f JOIN logged l ON l.object_id = f.id ORDER BY f.place
        )
        SELECT object_id, index FROM logged
        """;

    private static readonly string _method = RecordStatementRequest.Descriptor.FullName;
    private static readonly string _urn = EventCatalogue.UrnOf(typeof(StatementRecorded));
    private readonly Dictionary<string, Guid> _actors = new(StringComparer.Ordinal); // of the log, which never change

    /// <inheritdoc/>
    protected override long WeightOf(NewStatement item) => item.Weight;

    /// <inheritdoc/>
    protected override Exception TooManyWait() => ArchiveErrors.Overloaded();

    /// <summary>For each its answer; null for one that is not stored: its name is taken, or its request was answered before.</summary>
    protected override async Task<IReadOnlyList<Statement?>> StoreAsync(IReadOnlyList<NewStatement> group)
    {
        foreach (var caller in group.Select(item => item.CallerId).Where(caller => !_actors.ContainsKey(caller)).Distinct(StringComparer.Ordinal).ToList())
        {
            _actors[caller] = await connection.Database.InTransactionAsync(tx => log.ActorAsync(tx, caller), CancellationToken.None);
        }

        // Not the callers' cancellation: one who leaves must not take the group along. One that was stored and is stored again is left out, as any repetition is.
        return await connection.Database.RepeatAsync(tx => StoreAsync(tx, group), CancellationToken.None);
    }

    private async Task<IReadOnlyList<Statement?>> StoreAsync(Tx tx, IReadOnlyList<NewStatement> group)
    {
        // Twins in one group: the first is stored, the others find it there.
        var first = group.DistinctBy(item => item.Name).DistinctBy(item => (item.CallerId, item.RequestId)).ToArray();
        var entries = first.ToDictionary(item => item.Id, item => item.EntryBytes(_actors[item.CallerId]));
        var events = first.Select(item => item.Event()).ToList();
        var stored = (await tx.QueryAsync(
            StoreSql, static row => (Id: row.GetGuid(0), Index: row.GetInt64(1)),
            first.Select(item => item.Id).ToArray(), Texts(item => item.Name), Texts(item => item.Subject), Bytes(item => item.Sealed), first.Select(item => item.EntryId).ToArray(),
            first.Select(item => item.At.UtcDateTime).ToArray(), Texts(item => item.CallerId), first.Select(item => item.RequestId).ToArray(), Bytes(item => item.RequestSha256),
            Bytes(item => item.KeptAnswer), Bytes(item => entries[item.Id]),
            events.ConvertAll(row => row.EventId).ToArray(), events.ConvertAll(row => row.Body).ToArray(), events.ConvertAll(row => row.TraceParent).ToArray(),
            events.ConvertAll(row => row.TraceState).ToArray(), _method, _urn))
            .ToDictionary(row => row.Id, row => row.Index);
        return [.. group.Select(item => stored.TryGetValue(item.Id, out var index) ? item.Answer(index, entries[item.Id]) : null)];

        string[] Texts(Func<NewStatement, string> of) => [.. first.Select(of)];
        byte[][] Bytes(Func<NewStatement, byte[]> of) => [.. first.Select(of)];
    }
}
