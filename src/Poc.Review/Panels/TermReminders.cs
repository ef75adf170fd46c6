using Microsoft.Extensions.Options;
using Poc.Contracts.Events.Review.V1;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Review.Panels;

/// <summary>
/// Tells the members whose ballot is outstanding that their term ends soon, and chairs that it has ended with the ballots sealed still. What was told is a row in the transaction of its
/// event: each once for each term, by whichever replica comes first, and after a time in which nothing ran it is told what is true then.
/// </summary>
internal sealed class TermReminders(Database database, IOptions<ReviewOptions> options, IdSource ids, TimeProvider clock, ILogger<TermReminders> logger) : BackgroundService
{
    private const string DueSql = """
        SELECT d.name, d.subject, d.voting_ends_at, d.voting_ends_at <= $1 FROM dossiers AS d
        WHERE d.state = 'VOTING' AND d.voting_ends_at <= $1 + $2
          AND NOT EXISTS (SELECT 1 FROM panel_reminders AS r WHERE r.dossier = d.name AND r.voting_ends_at = d.voting_ends_at AND r.lapsed = (d.voting_ends_at <= $1))
        ORDER BY d.voting_ends_at, d.name LIMIT 1 FOR UPDATE OF d SKIP LOCKED
        """;

    private const string TellSql = """
        INSERT INTO panel_reminders (dossier, voting_ends_at, lapsed, told_at) VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT pk_panel_reminders DO NOTHING
        """;

    private const string ToldSql = "SELECT count(*) FROM panel_reminders WHERE dossier = $1";

    private const string OutstandingSql = """
        SELECT m.staff FROM panel_members AS m WHERE m.dossier = $1 AND m.conflict = ''
        AND NOT EXISTS (SELECT 1 FROM sealed_ballots AS s WHERE s.dossier = m.dossier AND s.reviewer = m.staff) ORDER BY m.staff
        """;

    /// <summary>Tells what is due at this moment.</summary>
    public async Task TellDueAsync(CancellationToken cancellation)
    {
        while (await database.InTransactionAsync(TellNextAsync, cancellation))
        {
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await TellDueAsync(stoppingToken);
            }
            catch (Exception problem) when (problem is not OperationCanceledException)
            {
                logger.LogWarning(problem, "Panels are not reminded of their terms for the moment");
            }

            await Task.Delay(options.Value.TermScan, clock, stoppingToken);
        }
    }

    private async Task<bool> TellNextAsync(Tx tx)
    {
        var now = clock.GetUtcNow();
        if (await tx.QuerySingleOrDefaultAsync(
            DueSql, static row => new Due(row.GetString(0), row.GetString(1), row.GetFieldValue<DateTimeOffset>(2), row.GetBoolean(3)), now, options.Value.TermReminder) is not { } due)
        {
            return false;
        }

        // Another replica may have told it between this one's look and its lock.
        if (await tx.ExecuteAsync(TellSql, due.Dossier, due.EndsAt, due.Lapsed, now) == 1)
        {
            var outstanding = await tx.QueryAsync(OutstandingSql, static row => row.GetString(0), due.Dossier);
            await Outbox.AddAsync(
                tx, new PanelTermEnding(ids.Next(), due.Dossier, await tx.ScalarAsync<long>(ToldSql, due.Dossier), now, due.Subject, due.Lapsed, outstanding, due.EndsAt));
        }

        return true;
    }

    private sealed record Due(string Dossier, string Subject, DateTimeOffset EndsAt, bool Lapsed);
}
