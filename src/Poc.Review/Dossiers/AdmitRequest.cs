using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Protocols;

namespace Poc.Review.Dossiers;

/// <summary>
/// Judges a request that Intake received, and lets it join the dossier that gathers its question, or open one. Any number may arrive at once: the index
/// <c>uq_dossiers_gathering</c> lets one dossier be opened and the others join it; a row lock keeps a panel from being seated while a request joins.
/// </summary>
internal sealed class AdmitRequest(ProtocolShelf shelf, IdSource ids, TimeProvider clock)
{
    private const string SubjectSql = """
        SELECT s.name, e.name, (SELECT c.state FROM designation_changes AS c WHERE c.episode = e.name ORDER BY c.sequence DESC LIMIT 1)
        FROM subjects AS s LEFT JOIN episodes AS e ON e.subject = s.name
        WHERE s.name = $1 ORDER BY e.detained_on DESC, e.name DESC LIMIT 1
        """;

    // The share lock waits for a panel that is being seated, and then does not find the dossier any more.
    private const string GatheringSql = """
        SELECT name FROM dossiers WHERE subject = $1 AND question <> 'APPEAL' AND ($2::text IS NULL OR question = $2) AND state = 'GATHERING'
        ORDER BY opened_at DESC, name DESC LIMIT 1 FOR SHARE
        """;

    // Not those that gather: one that was opened since the look for it is joined in the next turn, and is no earlier review of the question.
    private const string EarlierSql = """
        SELECT d.name, array_remove(array_agg(DISTINCT m.statement), NULL)
        FROM dossiers AS d
        LEFT JOIN (
            SELECT dossier, statement FROM dossier_statements
            UNION ALL SELECT dossier, unnest(statements) FROM requests WHERE dossier IS NOT NULL) AS m ON m.dossier = d.name
        WHERE d.subject = $1 AND d.question = $2 AND d.episode IS NOT DISTINCT FROM $3::text AND d.state <> 'GATHERING'
        GROUP BY d.name
        """;

    private const string OpenSql = """
        INSERT INTO dossiers (name, question, subject, episode, state, opened_at) VALUES ($1, $2, $3, $4, 'GATHERING', $5)
        ON CONFLICT (subject, question) WHERE state = 'GATHERING' AND question <> 'APPEAL' DO NOTHING
        """;

    private const string RecordSql = """
        INSERT INTO requests (name, kind, subject, criteria, statements, text_sha256, urgent, received_at, dossier, reason_code, judged_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    private readonly record struct Case(string Subject, string? Episode, DesignationState State);

    public async Task HandleAsync(Tx tx, RequestReceived received)
    {
        if (received.Kind == "WITHDRAW")
        {
            return; // It asks nothing; that it took another request back is told by RequestWithdrawn.
        }

        if (received.Subject is null)
        {
            return; // It describes a person; an intake officer says who that is (RequestSubjectConfirmed).
        }

        await AdmitAsync(tx, received);
    }

    /// <summary>The same for a request that only described a person, now that staff said who it is, or that it is nobody on record.</summary>
    public Task HandleAsync(Tx tx, RequestSubjectConfirmed confirmed) => AdmitAsync(tx, new RequestReceived(
        confirmed.EventId, confirmed.Aggregate, confirmed.Version, confirmed.ReceivedAt, confirmed.Partner, confirmed.Kind, confirmed.Subject, confirmed.CitedStatements,
        confirmed.Criteria, confirmed.Relation, confirmed.Urgent, confirmed.Language, confirmed.TextSha256));

    private async Task AdmitAsync(Tx tx, RequestReceived received)
    {
        var (dossier, refusal) = await JudgeAsync(tx, received);
        var now = clock.GetUtcNow();
        await tx.ExecuteAsync(
            RecordSql, received.Aggregate, received.Kind, received.Subject, received.Criteria.ToArray(), received.CitedStatements.ToArray(),
                received.TextSha256, received.Urgent,
            received.OccurredAt, dossier, refusal?.Code ?? "", now);
        await Outbox.AddAsync(tx, new AdmissibilityDecided(ids.Next(), received.Aggregate, 1, now, refusal is null, dossier, refusal?.Code ?? "",
            refusal?.Detail ?? ""));
    }

    private async Task<(string? Dossier, Inadmissible? Refusal)> JudgeAsync(Tx tx, RequestReceived received)
    {
        var found = received.Subject is null ? default : await tx.QuerySingleOrDefaultAsync(SubjectSql, Read, received.Subject);
        if (found.Subject is null)
        {
            return (null, Inadmissible.SubjectUnknown);
        }

        var question = Admissibility.QuestionOf(received.Kind, found.State);
        if (!Admissibility.AddressesCriterion(shelf.Newest, question, received.Criteria))
        {
            return (null, Inadmissible.AddressesNoCriterion);
        }

        if (question is not { } asked)
        {
            var gathering = await GatheringAsync(tx, found.Subject, null);
            return (gathering, gathering is null ? Inadmissible.NoOpenReview : null);
        }

        return await JoinOrOpenAsync(tx, received, found, asked);
    }

    private async Task<(string? Dossier, Inadmissible? Refusal)> JoinOrOpenAsync(Tx tx, RequestReceived received, Case found, QuestionType question)
    {
        var asked = EnumText<QuestionType>.Of(question);
        while (true)
        {
            if (await GatheringAsync(tx, found.Subject, asked) is { } gathering)
            {
                return (gathering, null);
            }

            var earlier = await tx.QueryAsync(EarlierSql, static row => row.GetFieldValue<string[]>(1), found.Subject, asked, found.Episode);
            if (earlier.Count > 0 && !Admissibility.BringsNewMaterial(received.CitedStatements,
                earlier.SelectMany(static each => each).ToHashSet(StringComparer.Ordinal)))
            {
                return (null, Inadmissible.RepeatWithoutNewMaterial);
            }

            var name = Names.New("dossiers", ids.Next());
            var now = clock.GetUtcNow();
            if (await tx.ExecuteAsync(OpenSql, name, asked, found.Subject, found.Episode, now) == 1)
            {
                await Outbox.AddAsync(tx, new DossierOpened(ids.Next(), name, 1, now, asked, found.Subject, found.Episode));
                return (name, null);
            }

            // Another request opened it at the same moment, and its transaction is committed: look again.
        }
    }

    private static Task<string?> GatheringAsync(Tx tx, string subject, string? question) =>
        tx.QuerySingleOrDefaultAsync<string>(GatheringSql, static row => row.GetString(0), subject, question);

    private static Case Read(Npgsql.NpgsqlDataReader row) => new(
        row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2)
            ? DesignationState.Proposed : EnumText<DesignationState>.Parse(row.GetString(2)));
}
