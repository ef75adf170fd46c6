using Npgsql;
using NpgsqlTypes;
using Poc.Contracts.Intake.V1;
using Poc.Postgres;

namespace Poc.Intake.Requests;

/// <summary>Puts filings on disk: the request, its first state and its event, for all of them in one statement.</summary>
internal static class RequestStore
{
    // A conflict is a repetition, not an error: nothing is stored for it, its event included, and the answer is read from what was stored the first time.
    // Lists come as lines, because unnest would flatten an array of arrays; validation keeps line breaks out of their elements.
    private const string Insert =
        """
        WITH filing AS (
            SELECT i.id, i.partner_id, i.request_id, i.body_sha256, i.received_at, i.kind, i.subject, i.native_name, i.script,
                string_to_array(i.transliterations, E'\n') AS transliterations, i.text, i.text_sha256, i.language, string_to_array(i.links, E'\n') AS links,
                string_to_array(i.cited_statements, E'\n') AS cited_statements, string_to_array(i.criteria, E'\n') AS criteria, i.relation, i.urgency_reason,
                i.withdraws, i.partner_reference, i.synthetic, i.event_id, i.urn, i.version, i.body, i.traceparent, i.tracestate
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27)
                AS i (id, partner_id, request_id, body_sha256, received_at, kind, subject, native_name, script, transliterations, text, text_sha256, language, links,
                    cited_statements, criteria, relation, urgency_reason, withdraws, partner_reference, synthetic, event_id, urn, version, body, traceparent, tracestate)
        ), stored AS (
            INSERT INTO requests (id, partner_id, request_id, body_sha256, received_at, kind, subject, subject_native_name, subject_script, subject_transliterations, text,
                text_sha256, language, links, cited_statements, criteria, relation, urgency_reason, withdraws, partner_reference, synthetic,
                state, state_sequence, state_reason, state_detail)
            SELECT id, partner_id, request_id, body_sha256, received_at, kind, subject, native_name, script, transliterations, text,
                text_sha256, language, links, cited_statements, criteria, relation, urgency_reason, withdraws, partner_reference, synthetic,
                'RECEIVED', 1, '', ''
            FROM filing
            ON CONFLICT ON CONSTRAINT uq_requests_partner_request_id DO NOTHING
            RETURNING id, partner_id, received_at
        ), first_state AS (
            INSERT INTO request_states (request, sequence, state, state_reason, state_detail, changed_at)
            SELECT id, 1, 'RECEIVED', '', '', received_at FROM stored
        ), event AS (
            INSERT INTO outbox (event_id, urn, aggregate, version, body, traceparent, tracestate)
            SELECT f.event_id, f.urn, 'partners/' || f.partner_id || '/requests/' || f.id, f.version, f.body, f.traceparent, f.tracestate
            FROM filing AS f JOIN stored USING (id)
        )
        SELECT id FROM stored
        """;

    private const string SelectStored =
        $"""
        SELECT {RequestRow.Columns}
        FROM requests JOIN unnest($1::text[], $2::uuid[]) AS wanted (wanted_partner, wanted_request) ON partner_id = wanted_partner AND request_id = wanted_request
        """;

    /// <summary>
    /// For each filing, in order, the row that is on disk for its partner and request id: the filing's own (the same object), or that of
    /// the filing it repeats.
    /// </summary>
    /// <exception cref="PostgresException">A row was refused, and with it all of them.</exception>
    public static async Task<IReadOnlyList<RequestRow>> StoreAsync(Tx tx, IReadOnlyList<Filing> filings)
    {
        // Two groups with the same keys must take them in the same order, or they wait for each other.
        var sorted = filings.OrderBy(static filing => filing.Row.Partner, StringComparer.Ordinal).ThenBy(static filing => filing.Row.RequestId).ToArray();
        var stored = await InsertAsync(tx, sorted);
        if (stored.Count == filings.Count)
        {
            return [.. filings.Select(static filing => filing.Row)];
        }

        var repeated = filings.Where(filing => !stored.Contains(filing.Row.Id)).Select(static filing => filing.Row).ToArray();
        var known = await FindAsync(tx, repeated);
        return [.. filings.Select(filing => stored.Contains(filing.Row.Id) ? filing.Row : known[(filing.Row.Partner, filing.Row.RequestId)])];
    }

    /// <summary>What is on disk for these partners and request ids.</summary>
    public static async Task<IReadOnlyDictionary<(string Partner, Guid RequestId), RequestRow>> FindAsync(Tx tx, IReadOnlyCollection<RequestRow> wanted)
    {
        // Twins may stand in one group.
        var keys = wanted.Select(static row => (row.Partner, row.RequestId)).Distinct().ToArray();
        var rows = await tx.QueryAsync(SelectStored, RequestRow.Read, keys.Select(static key => key.Partner).ToArray(), keys.Select(static key => key.RequestId).ToArray());
        return rows.ToDictionary(static row => (row.Partner, row.RequestId));
    }

    private static async Task<HashSet<Guid>> InsertAsync(Tx tx, Filing[] filings)
    {
        await using var command = new NpgsqlCommand(Insert, tx.Connection);
        Add(NpgsqlDbType.Uuid, static f => f.Row.Id);
        Add(NpgsqlDbType.Text, static f => f.Row.Partner);
        Add(NpgsqlDbType.Uuid, static f => f.Row.RequestId);
        Add(NpgsqlDbType.Bytea, static f => f.Row.BodySha256);
        Add(NpgsqlDbType.TimestampTz, static f => f.Row.ReceivedAt);
        Add(NpgsqlDbType.Text, static f => EnumText<RequestKind>.Of(f.Row.Kind));
        Add(NpgsqlDbType.Text, static f => f.Row.Subject);
        Add(NpgsqlDbType.Text, static f => f.Row.NativeName);
        Add(NpgsqlDbType.Text, static f => f.Row.Script);
        Add(NpgsqlDbType.Text, static f => f.Row.Transliterations is { } names ? Lines(names) : null);
        Add(NpgsqlDbType.Text, static f => f.Row.Text);
        Add(NpgsqlDbType.Bytea, static f => f.Row.TextSha256);
        Add(NpgsqlDbType.Text, static f => f.Row.Language);
        Add(NpgsqlDbType.Text, static f => Lines(f.Row.Links));
        Add(NpgsqlDbType.Text, static f => Lines(f.Row.CitedStatements));
        Add(NpgsqlDbType.Text, static f => Lines(f.Row.Criteria));
        Add(NpgsqlDbType.Text, static f => EnumText<Relation>.Of(f.Row.Relation));
        Add(NpgsqlDbType.Text, static f => f.Row.UrgencyReason);
        Add(NpgsqlDbType.Text, static f => f.Row.Withdraws);
        Add(NpgsqlDbType.Text, static f => f.Row.PartnerReference);
        Add(NpgsqlDbType.Boolean, static f => f.Row.Synthetic);
        Add(NpgsqlDbType.Uuid, static f => f.Event.EventId);
        Add(NpgsqlDbType.Text, static f => f.Event.Urn);
        Add(NpgsqlDbType.Bigint, static f => f.Event.Version);
        Add(NpgsqlDbType.Text, static f => f.Event.Body);
        Add(NpgsqlDbType.Text, static f => f.Event.TraceParent);
        Add(NpgsqlDbType.Text, static f => f.Event.TraceState);
        await command.PrepareAsync(tx.Cancellation);
        var stored = new HashSet<Guid>(filings.Length);
        await using var reader = await command.ExecuteReaderAsync(tx.Cancellation);
        while (await reader.ReadAsync(tx.Cancellation))
        {
            stored.Add(reader.GetGuid(0));
        }

        // The rows come before the commit, and its failure after them.
        await reader.NextResultAsync(tx.Cancellation);
        return stored;

        void Add<T>(NpgsqlDbType type, Func<Filing, T> column) =>
            command.Parameters.Add(new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = Array.ConvertAll(filings, filing => column(filing)) });
    }

    private static string Lines(IReadOnlyList<string> values) => values.Count == 0 ? "" : string.Join('\n', values);
}
