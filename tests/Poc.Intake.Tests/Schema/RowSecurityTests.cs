using Npgsql;
using Poc.Postgres;
using Poc.Testing;

namespace Poc.Intake.Tests.Schema;

/// <summary>What the database itself keeps from a partner's call: the same statements, without a word about partners in them, as the role that such a call has.</summary>
public sealed class RowSecurityTests
{
    private const string Role = "poc_intake_partner";

    // Tables that the role may use without a policy, and what for.
    private static readonly Dictionary<string, string> Shared = new(StringComparer.Ordinal) { ["campaigns"] = "SELECT", ["campaign_clusters"] = "SELECT", ["outbox"] = "INSERT" };

    // For each table with rows of partners, whose a row is.
    private static readonly Dictionary<string, string> Owners = new(StringComparer.Ordinal)
    {
        ["requests"] = "partner_id",
        ["request_states"] = OfRequest,
        ["attachments"] = "partner_id",
        ["attachment_chunks"] = "(SELECT partner_id FROM attachments a WHERE a.id = attachment)",
        ["sealed_requesters"] = OfRequest,
        ["imports"] = "partner_id",
        ["import_items"] = "partner_id",
        ["exports"] = "partner_id",
        ["export_chunks"] = "(SELECT partner_id FROM exports e WHERE e.id = export)",
        ["campaign_templates"] = "partner_id",
        ["campaign_members"] = OfRequest,
        ["partner_limits"] = "partner_id",
        ["partner_class_limits"] = "partner_id",
        ["writes"] = "substr(caller, 10)",
    };

    private const string OfRequest = "(SELECT partner_id FROM requests r WHERE r.id = request)";

    // Rows of a partner in every table there is.
    private const string Seed =
        """
        WITH partner AS (INSERT INTO partners VALUES ($1, $1, 'SECTION', now()) RETURNING 1),
        asked AS (
            INSERT INTO requests (id, partner_id, request_id, body_sha256, received_at, kind, subject, text, text_sha256, language, links, cited_statements, criteria, relation,
                urgency_reason, partner_reference, synthetic, state, state_sequence, state_reason, state_detail)
            SELECT gen_random_uuid(), $1, gen_random_uuid(), '\x00', now(), 'DELIST', 'subjects/a', 'Words (synthetic).', '\x00', 'en', '{}', '{}', '{}', 'FAMILY', '', '', true,
                'RECEIVED', 1, '', '' FROM generate_series(1, 3)
            RETURNING id),
        state AS (INSERT INTO request_states SELECT id, 1, 'RECEIVED', '', '', now() FROM asked),
        requester AS (INSERT INTO sealed_requesters SELECT id, 'k', '\x00', '\x00' FROM asked),
        file AS (
            INSERT INTO attachments (id, partner_id, file_name, media_type, size_bytes, sha256, state, received_bytes, sniffed_media_type, created_at, expires_at)
            VALUES (gen_random_uuid(), $1, 'a.pdf', 'application/pdf', 1, sha256('a'), 'UPLOADING', 1, '', now(), now()) RETURNING id),
        chunk AS (INSERT INTO attachment_chunks SELECT id, 0, 'a' FROM file),
        import AS (INSERT INTO imports VALUES ($1, gen_random_uuid(), now()) RETURNING import_id),
        item AS (INSERT INTO import_items SELECT $1, import_id, 0, '\x00', NULL, '\x00', now() FROM import),
        export AS (INSERT INTO exports VALUES (gen_random_uuid(), $1, 'RUNNING', '', now(), NULL, NULL, 0, 1, now(), now(), NULL, now()) RETURNING id),
        piece AS (INSERT INTO export_chunks SELECT id, 1, 'a' FROM export),
        template AS (INSERT INTO campaign_templates VALUES ($1, 'letter', 'Words.', now())),
        limits AS (INSERT INTO partner_limits VALUES ($1, 1, false, now(), 'staff/a')),
        class_limits AS (INSERT INTO partner_class_limits VALUES ($1, 1, 'READ', true, NULL, NULL)),
        print AS (
            INSERT INTO fingerprints (request, received, source, is_organisation, language, version, signature, words, sentences, urls, hosts, anchors, has_quotation, wording_keys)
            SELECT id, 0, 'p', true, 'en', 1, '', '', '', '{}', '{}', '{}', false, '{}' FROM asked),
        campaign AS (
            INSERT INTO campaigns (campaign, raised_at, found_by, p, adjusted_p, chance_rate, explanations, links, detector, classification)
            VALUES ($2, now(), 'url', 0, 0, 0, '[]', '[]', 'd', 'UNSPECIFIED')),
        member AS (INSERT INTO campaign_members SELECT id, NULL, $2, 'url' FROM asked),
        answer AS (INSERT INTO writes VALUES ('partners/' || $1, gen_random_uuid(), 'm', '\x00', '\x00'))
        SELECT 1
        """;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_partners_transaction_sees_that_partners_rows_in_every_table()
    {
        await using var database = await SeededAsync();

        foreach (var (table, owner) in Owners)
        {
            var all = $"SELECT DISTINCT {owner} FROM {table}";
            Assert.Equal(["aaa", "bbb"], (await database.Database.ReadAsync(tx => tx.QueryAsync(all, static row => row.GetString(0)), Ended)).Order(StringComparer.Ordinal));
            foreach (var partner in new[] { "aaa", "bbb" })
            {
                var seen = await AsAsync(database, partner, tx => tx.QueryAsync(all, static row => row.IsDBNull(0) ? "another's" : row.GetString(0)));
                Assert.True(seen is [var only] && only == partner, $"{table}: {partner} sees {string.Join(", ", seen)}");
            }

            Assert.Equal(0, await AsAsync(database, "ccc", tx => tx.ScalarAsync<long>($"SELECT count(*) FROM {table}")));
        }
    }

    [Fact]
    public async Task A_partners_transaction_neither_changes_nor_adds_rows_of_another()
    {
        await using var database = await SeededAsync();
        foreach (var table in Owners.Keys)
        {
            // Column by column what is there, put in again by somebody else: a policy comes before keys and types of conflict.
            var columns = await database.ScalarAsync<string>(
                "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1", table);
            var before = await ContentAsync(database, table, columns);
            if (await MayAsync(database, table, "INSERT"))
            {
                // The rows are read without the scope, and written within it.
                var adding = await Assert.ThrowsAsync<PostgresException>(() => database.Database.InTransactionAsync(
                    async tx =>
                    {
                        await tx.ExecuteAsync($"CREATE TEMPORARY TABLE copy ON COMMIT DROP AS SELECT {columns} FROM {table} WHERE {Owners[table]} = 'bbb'");
                        await tx.ExecuteAsync($"GRANT SELECT ON copy TO {Role}");
                        await tx.NarrowAsync(new RowScope(Role, "poc.partner", "aaa"));
                        return await tx.ExecuteAsync($"INSERT INTO {table} ({columns}) SELECT {columns} FROM copy");
                    },
                    Ended));
                Assert.Equal((table, PostgresErrorCodes.InsufficientPrivilege), (table, adding.SqlState));
                Assert.Contains("row-level security policy", adding.MessageText, StringComparison.Ordinal);
            }

            var own = await database.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE {Owners[table]} = 'aaa'");
            if (await MayAsync(database, table, "UPDATE"))
            {
                var column = columns.Split(", ")[0];
                Assert.Equal(own, await AsAsync(database, "aaa", tx => tx.ExecuteAsync($"UPDATE {table} SET {column} = {column}")));
            }

            Assert.Equal(before, await ContentAsync(database, table, columns));
            if (await MayAsync(database, table, "DELETE"))
            {
                var others = await database.ScalarAsync<long>($"SELECT count(*) FROM {table} WHERE {Owners[table]} = 'bbb'");
                Assert.Equal(own, await AsAsync(database, "aaa", tx => tx.ExecuteAsync($"DELETE FROM {table}")));
                Assert.Equal(others, await database.ScalarAsync<long>($"SELECT count(*) FROM {table}"));
            }
        }

        var giving = await Assert.ThrowsAsync<PostgresException>(() => AsAsync(database, "aaa", static tx => tx.ExecuteAsync("UPDATE requests SET partner_id = 'bbb'")));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, giving.SqlState);
    }

    [Fact]
    public async Task Whoever_has_the_role_and_no_partner_fails_instead_of_seeing_nothing()
    {
        await using var database = await SeededAsync();

        var problem = await Assert.ThrowsAsync<PostgresException>(() => database.Database.InTransactionAsync(
            static async tx =>
            {
                await tx.ExecuteAsync($"SET LOCAL ROLE {Role}");
                return await tx.ScalarAsync<long>("SELECT count(*) FROM requests");
            },
            Ended));

        Assert.Contains("poc.partner", problem.MessageText, StringComparison.Ordinal);
    }

    // A new table begins closed; what opens it must come with a policy.
    [Fact]
    public async Task Every_table_that_the_role_may_use_has_a_policy_and_so_has_every_table_that_names_partners()
    {
        await using var database = await TestDatabase.CreateAsync("intakedb");
        var tables = await database.Database.ReadAsync(
            static tx => tx.QueryAsync(
                $"""
                SELECT c.relname, c.relrowsecurity, EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid),
                    EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'partner_id' AND NOT a.attisdropped),
                    ARRAY(SELECT may FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS may WHERE has_table_privilege('{Role}', c.oid, may))
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'public' AND c.relkind IN ('r', 'v', 'm', 'p')
                """,
                static row => (Name: row.GetString(0), IsClosed: row.GetBoolean(1), HasPolicy: row.GetBoolean(2), NamesPartner: row.GetBoolean(3), May: string.Join(' ', row.GetFieldValue<string[]>(4)))),
            Ended);

        Assert.NotEmpty(tables);
        Assert.All(tables, static table =>
        {
            Assert.True(table.IsClosed || !table.NamesPartner, $"{table.Name} names partners and has no row-level security");
            if (table.May.Length > 0 && !Shared.Contains(new(table.Name, table.May)))
            {
                Assert.True(table.IsClosed && table.HasPolicy, $"{table.Name} is open to the role ({table.May}) without a policy");
                Assert.True(Owners.ContainsKey(table.Name), $"{table.Name}: say in this class whose its rows are");
            }
        });
    }

    private static async Task<TestDatabase> SeededAsync()
    {
        var database = await TestDatabase.CreateAsync("intakedb");
        await database.ScalarAsync<int>(Seed, "aaa", 1);
        await database.ScalarAsync<int>(Seed, "bbb", 2);
        return database;
    }

    private static Task<T> AsAsync<T>(TestDatabase database, string partner, Func<Tx, Task<T>> work) => database.Database.InTransactionAsync(
        async tx =>
        {
            await tx.NarrowAsync(new RowScope(Role, "poc.partner", partner));
            return await work(tx);
        },
        Ended);

    private static Task<bool> MayAsync(TestDatabase database, string table, string what) => database.ScalarAsync<bool>("SELECT has_table_privilege($1, $2, $3)", Role, table, what);

    private static Task<string> ContentAsync(TestDatabase database, string table, string columns) =>
        database.ScalarAsync<string>($"SELECT string_agg(ROW({columns})::text, E'\\n' ORDER BY ROW({columns})::text) FROM {table}");
}
