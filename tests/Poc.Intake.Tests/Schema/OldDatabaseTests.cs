using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Poc.Campaigns.Requests;
using Poc.Contracts.Intake.V1;
using Poc.Intake.Requests;
using Poc.Kernel.Text;
using Poc.Migrator;
using Poc.Postgres;
using Poc.Testing;

namespace Poc.Intake.Tests.Schema;

/// <summary>A database that was in use before requests had attachments, requesters, confirmed subjects and speakers.</summary>
public sealed class OldDatabaseTests
{
    private const string Insert =
        """
        INSERT INTO requests (id, partner_id, request_id, body_sha256, received_at, kind, subject, text, text_sha256, language, links, cited_statements, criteria, relation,
            urgency_reason, partner_reference, synthetic, state, state_sequence, state_reason, state_detail)
        VALUES ('01890a5d-ac96-774b-bcce-b302099a8057', 'old', gen_random_uuid(), '\x00', now(), 'DELIST', 'subjects/a', 'Old words.', '\x00', 'en', '{}', '{}', '{}', 'FAMILY', '', '', true,
            'RECEIVED', 1, '', '')
        """;

    [Fact]
    public async Task Its_requests_are_read_as_they_were_filed()
    {
        var connection = await Servers.NewDatabaseAsync("intakedb");
        var scripts = ServiceDatabases.ScriptsOf("intakedb");
        await Migrations.ApplyAsync(connection, [.. scripts.TakeWhile(static script => !script.Name.Contains("0004_", StringComparison.Ordinal))], NullLogger.Instance, CancellationToken.None);
        await using (var old = Npgsql.NpgsqlDataSource.Create(connection))
        {
            await new Database(old, TimeProvider.System).InTransactionAsync(static tx => tx.ExecuteAsync(Insert), CancellationToken.None);
        }

        await using var migrated = await TestDatabase.AtAsync(connection, "intakedb");

        var row = await migrated.Database.ReadAsync(static tx => tx.QuerySingleOrDefaultAsync($"SELECT {RequestRow.Columns} FROM requests", RequestRow.Read), CancellationToken.None);
        var request = row!.ToRequest();
        Assert.Equal(("Old words.", false, "", SpeakerStanding.Unverified), (request.Text, request.RequesterSealed, request.ConfirmedSubject, request.SpeakerStanding));
        Assert.Empty(request.Attachments);
    }

    [Fact]
    public async Task Its_fingerprints_are_found_by_the_keys_that_new_ones_have()
    {
        var connection = await Servers.NewDatabaseAsync("intakedb");
        var scripts = ServiceDatabases.ScriptsOf("intakedb");
        await Migrations.ApplyAsync(connection, [.. scripts.TakeWhile(static script => !script.Name.Contains("0016_", StringComparison.Ordinal))], NullLogger.Instance, CancellationToken.None);
        var signature = MinHash.Sign([1, 2, 3, 4, 5]);
        await using (var old = Npgsql.NpgsqlDataSource.Create(connection))
        {
            await new Database(old, TimeProvider.System).InTransactionAsync(
                async tx =>
                {
                    await tx.ExecuteAsync(Insert);
                    await tx.ExecuteAsync(
                        """
                        INSERT INTO fingerprints (request, received, source, is_organisation, language, version, signature, band_keys, words, sentences, urls, hosts, anchors, has_quotation)
                        SELECT id, 0, 'old', true, 'en', 1, $1, '{1}', '', '', '{}', '{}', '{}', false FROM requests
                        """,
                        MemoryMarshal.AsBytes(signature.AsSpan()).ToArray());
                },
                CancellationToken.None);
        }

        await using var migrated = await TestDatabase.AtAsync(connection, "intakedb");

        Assert.Equal(MinHash.WordingKeys(signature), await migrated.ScalarAsync<long[]>("SELECT wording_keys FROM fingerprints"));
    }
}
