using System.Text.Json;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Poc.Contracts.Events;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Intake.V1;
using Poc.Contracts.Review.V1;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Protocols;

namespace Poc.Review.Dossiers;

/// <summary>
/// Judges a request that Intake received, and lets it join the dossier that gathers its question, or open one. Any number may arrive at once: the index
/// <c>uq_dossiers_gathering</c> lets one dossier be opened and the others join it; a row lock keeps a panel from being seated while a request joins. Where an earlier review had the
/// question, Intake says what the request repeats and brings; while it cannot be asked the request waits, and is judged neither way.
/// </summary>
internal sealed class AdmitRequest(ProtocolShelf shelf, Intake intake, IOptions<ReviewOptions> options, IdSource ids, TimeProvider clock)
{
    private const string SubjectSql = """
        SELECT COALESCE(e.subject, person_of(s.name, 'infinity')), e.name, (SELECT c.state FROM designation_changes AS c WHERE c.episode = e.name ORDER BY c.sequence DESC LIMIT 1)
        FROM subjects AS s LEFT JOIN episodes AS e ON e.subject IN (SELECT names_of(person_of(s.name, 'infinity'), 'infinity'))
        WHERE s.name = $1
        ORDER BY e.detained_on DESC, (SELECT c.state IN ('PROPOSED', 'CLOSED') FROM designation_changes AS c WHERE c.episode = e.name ORDER BY c.sequence DESC LIMIT 1), e.name DESC LIMIT 1
        """;

    // The share lock waits for a panel that is being seated, and then does not find the dossier any more.
    private const string GatheringSql = """
        SELECT name FROM dossiers WHERE subject IN (SELECT names_of(person_of($1, 'infinity'), 'infinity')) AND question <> 'APPEAL' AND ($2::text IS NULL OR question = $2) AND state = 'GATHERING'
        ORDER BY opened_at DESC, name DESC LIMIT 1 FOR SHARE
        """;

    // Not those that gather: one that was opened since the look for it is joined in the next turn, and is no earlier review of the question.
    private const string EarlierSql = """
        SELECT d.name, array_remove(array_agg(DISTINCT m.statement), NULL)
        FROM dossiers AS d
        LEFT JOIN (
            SELECT dossier, statement FROM dossier_statements
            UNION ALL SELECT dossier, unnest(statements) FROM requests WHERE dossier IS NOT NULL) AS m ON m.dossier = d.name
        WHERE d.subject IN (SELECT names_of(person_of($1, 'infinity'), 'infinity')) AND d.question = $2 AND d.episode IS NOT DISTINCT FROM $3::text AND d.state <> 'GATHERING'
        GROUP BY d.name
        """;

    private const string OpenSql = """
        INSERT INTO dossiers (name, question, subject, episode, state, opened_at) VALUES ($1, $2, $3, $4, 'GATHERING', $5)
        ON CONFLICT (subject, question) WHERE state = 'GATHERING' AND question <> 'APPEAL' DO NOTHING
        """;

    private const string RecordSql = """
        INSERT INTO requests (name, kind, subject, criteria, statements, text_sha256, urgent, received_at, dossier, reason_code, judged_at, repetition)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        """;

    private const string WaitSql = """
        INSERT INTO waiting_requests (request, body, next_attempt_at) VALUES ($1, $2, now() + $3) ON CONFLICT ON CONSTRAINT pk_waiting_requests DO NOTHING
        """;

    /// <param name="Dossier">The dossier it is in now; null where it is inadmissible.</param>
    /// <param name="Refusal">Why it is inadmissible.</param>
    private sealed record Judgement(string? Dossier, Inadmissible? Refusal)
    {
        /// <summary>What it repeats, where an earlier review had its question.</summary>
        public RequestRepetition? Repetition { get; init; }
    }

    /// <param name="Subject">The subject whose the episode is, of all names of the person; without an episode the one under which the person is read.</param>
    /// <param name="Episode">The person's newest detention.</param>
    /// <param name="State">The designation in it.</param>
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

    /// <summary>Judges a request that waits; false when Intake still cannot be asked.</summary>
    public Task<bool> AdmitWaitingAsync(Tx tx, RequestReceived received) => TryAdmitAsync(tx, received);

    private async Task AdmitAsync(Tx tx, RequestReceived received)
    {
        if (!await TryAdmitAsync(tx, received))
        {
            // Without who sent it, as every other request here.
            await tx.ExecuteAsync(WaitSql, received.Aggregate, Tx.Json(JsonSerializer.Serialize(received with { Partner = "" }, EventCatalogue.Json)), options.Value.IntakeRetry);
        }
    }

    private async Task<bool> TryAdmitAsync(Tx tx, RequestReceived received)
    {
        if (await JudgeAsync(tx, received) is not { } judged)
        {
            return false;
        }

        var now = clock.GetUtcNow();
        await tx.ExecuteAsync(
            RecordSql, received.Aggregate, received.Kind, received.Subject, received.Criteria.ToArray(), received.CitedStatements.ToArray(),
                received.TextSha256, received.Urgent,
            received.OccurredAt, judged.Dossier, judged.Refusal?.Code ?? "", now, judged.Repetition is { } repetition ? Tx.Json(JsonFormatter.Default.Format(repetition)) : null);
        await Outbox.AddAsync(tx, new AdmissibilityDecided(ids.Next(), received.Aggregate, 1, now, judged.Refusal is null, judged.Dossier, judged.Refusal?.Code ?? "",
            judged.Refusal?.Detail ?? ""));
        return true;
    }

    /// <summary>Null: Intake would have to be asked, and cannot be.</summary>
    private async Task<Judgement?> JudgeAsync(Tx tx, RequestReceived received)
    {
        var found = received.Subject is null ? default : await tx.QuerySingleOrDefaultAsync(SubjectSql, Read, received.Subject);
        if (found.Subject is null)
        {
            return new Judgement(null, Inadmissible.SubjectUnknown);
        }

        var question = Admissibility.QuestionOf(received.Kind, found.State);
        if (!Admissibility.AddressesCriterion(shelf.Newest, question, received.Criteria))
        {
            return new Judgement(null, Inadmissible.AddressesNoCriterion);
        }

        if (question is not { } asked)
        {
            var gathering = await GatheringAsync(tx, found.Subject, null);
            return new Judgement(gathering, gathering is null ? Inadmissible.NoOpenReview : null);
        }

        return await JoinOrOpenAsync(tx, received, found, asked);
    }

    private async Task<Judgement?> JoinOrOpenAsync(Tx tx, RequestReceived received, Case found, QuestionType question)
    {
        var asked = EnumText<QuestionType>.Of(question);
        Repetition? answer = null;
        while (true)
        {
            if (await GatheringAsync(tx, found.Subject, asked) is { } gathering)
            {
                return new Judgement(gathering, null);
            }

            var earlier = await tx.QueryAsync(
                EarlierSql, static row => (Dossier: row.GetString(0), Statements: row.GetFieldValue<string[]>(1)), found.Subject, asked, found.Episode);
            if (earlier.Count > 0 && answer is null)
            {
                answer = await intake.FindRepetitionAsync(received.Aggregate, tx.Cancellation);
                if (answer is null)
                {
                    return null;
                }

                continue; // It took its time: what is gathering, and what was reviewed, may be other dossiers by now.
            }

            var known = earlier.SelectMany(static each => each.Statements).ToHashSet(StringComparer.Ordinal);
            var repetition = earlier.Count == 0 ? null
                : ToRepetition(answer!, earlier.Select(static each => each.Dossier), received.CitedStatements.Where(statement => !known.Contains(statement)));
            if (repetition is not null && !Admissibility.BringsNewMaterial(repetition.NewStatements, repetition.NewAttachments))
            {
                return new Judgement(null, Inadmissible.RepeatWithoutNewMaterial(received.Aggregate, repetition)) { Repetition = repetition };
            }

            var name = Names.New("dossiers", ids.Next());
            var now = clock.GetUtcNow();
            if (await tx.ExecuteAsync(OpenSql, name, asked, found.Subject, found.Episode, now) == 1)
            {
                await Outbox.AddAsync(tx, new DossierOpened(ids.Next(), name, 1, now, asked, found.Subject, found.Episode));
                return new Judgement(name, null) { Repetition = repetition };
            }

            // Another request opened it at the same moment, and its transaction is committed: look again.
        }
    }

    private static RequestRepetition ToRepetition(Repetition answer, IEnumerable<string> dossiers, IEnumerable<string> newStatements) => new()
    {
        EarlierDossiers = { dossiers.Order(StringComparer.Ordinal) },
        EarlierRequests = { answer.EarlierRequests },
        SameText = answer.SameText,
        NewStatements = { newStatements },
        NewAttachments = { answer.NewAttachments },
        NewLinks = { answer.NewLinks },
        NewCriteria = { answer.NewCriteria },
        NewPassages = { answer.Residue.Select(static passage => new RequestRepetition.Types.Passage { Start = passage.Start, End = passage.End }) },
    };

    private static Task<string?> GatheringAsync(Tx tx, string subject, string? question) =>
        tx.QuerySingleOrDefaultAsync<string>(GatheringSql, static row => row.GetString(0), subject, question);

    private static Case Read(Npgsql.NpgsqlDataReader row) => new(
        row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2)
            ? DesignationState.Proposed : EnumText<DesignationState>.Parse(row.GetString(2)));
}
