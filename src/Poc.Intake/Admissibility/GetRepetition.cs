using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Postgres;

namespace Poc.Intake.Admissibility;

/// <summary>
/// Shows whether a request repeats earlier ones, and what it brings that none of them did. Computed when it is asked for: submitting does not wait for it, and no index on the
/// hot table is kept for it.
/// </summary>
internal sealed class GetRepetition(Database database)
{
    private const int MostNames = 10;
    private const int MostTexts = 50;

    private const string SelectRequest = $"SELECT {RequestRow.Columns} FROM requests WHERE id = $1 AND partner_id = $2";

    // One pass over the requests before it; which of the values are new is decided here, where they need not be sent.
    private const string SelectEarlier =
        """
        WITH earlier AS MATERIALIZED (
            SELECT id, partner_id, received_at, text_sha256, links, cited_statements, criteria, attachments
            FROM requests
            WHERE COALESCE(confirmed_subject, subject) = $1 AND kind = $2 AND (received_at, id) < ($3, $4::uuid) AND state <> 'WITHDRAWN'
        )
        SELECT
            ARRAY(SELECT 'partners/' || partner_id || '/requests/' || id FROM earlier ORDER BY received_at DESC, id DESC LIMIT $5),
            EXISTS (SELECT FROM earlier WHERE text_sha256 = $6),
            ARRAY(SELECT v FROM unnest($7::text[]) AS v WHERE NOT EXISTS (SELECT FROM earlier WHERE v = ANY(links))),
            ARRAY(SELECT v FROM unnest($8::text[]) AS v WHERE NOT EXISTS (SELECT FROM earlier WHERE v = ANY(cited_statements))),
            ARRAY(SELECT v FROM unnest($9::text[]) AS v WHERE NOT EXISTS (SELECT FROM earlier WHERE v = ANY(criteria))),
            ARRAY(
                SELECT 'partners/' || a.partner_id || '/attachments/' || a.id FROM attachments AS a
                WHERE a.request = $4 AND NOT EXISTS (SELECT FROM attachments AS b JOIN earlier ON b.request = earlier.id WHERE b.sha256 = a.sha256)
                ORDER BY a.id),
            ARRAY(SELECT id FROM (SELECT DISTINCT ON (text_sha256) id, received_at FROM earlier ORDER BY text_sha256, received_at DESC) AS t ORDER BY received_at DESC, id DESC LIMIT $10)
        """;

    private const string SelectTexts = "SELECT text FROM requests WHERE id = ANY($1)";

    public async Task<GetRepetitionResponse> HandleAsync(GetRepetitionRequest message, ServerCallContext context)
    {
        var wellFormed = RequestName.TryParse(message.Request, out var name);
        new Violations().Require(wellFormed, "request", $"must be a name like {RequestName.Pattern}, as it was given").ThrowIfAny();
        var (request, found, texts, partial) = await database.ReadAsync(tx => ReadAsync(tx, name), context.CancellationToken);
        if (found.EarlierRequests.Count > 0)
        {
            found.Residue.Add(TextResidue.Of(request.Text, texts).Select(static passage => new TextPassage { Start = passage.Start, End = passage.End, Text = passage.Text }));
            found.ResiduePartial = partial;
            found.NothingNew = found.NewLinks.Count + found.NewStatements.Count + found.NewCriteria.Count + found.NewAttachments.Count + found.Residue.Count == 0;
        }

        return new GetRepetitionResponse { Repetition = found };
    }

    private static async Task<(RequestRow Request, Repetition Found, IReadOnlyList<string> Texts, bool Partial)> ReadAsync(Tx tx, RequestName name)
    {
        var request = await tx.QuerySingleOrDefaultAsync(SelectRequest, RequestRow.Read, name.Id, name.Partner) ?? throw IntakeErrors.RequestNotFound(name.ToString());
        var subject = request.ConfirmedSubject ?? request.Subject ?? throw IntakeErrors.SubjectUnconfirmed(name.ToString());
        var (found, different) = await tx.QuerySingleOrDefaultAsync(
            SelectEarlier,
            static row => (
                new Repetition
                {
                    EarlierRequests = { row.GetFieldValue<string[]>(0) },
                    SameText = row.GetBoolean(1),
                    NewLinks = { row.GetFieldValue<string[]>(2) },
                    NewStatements = { row.GetFieldValue<string[]>(3) },
                    NewCriteria = { row.GetFieldValue<string[]>(4) },
                    NewAttachments = { row.GetFieldValue<string[]>(5) },
                },
                row.GetFieldValue<Guid[]>(6)),
            subject, EnumText<RequestKind>.Of(request.Kind), request.ReceivedAt, request.Id, MostNames, request.TextSha256, request.Links.ToArray(), request.CitedStatements.ToArray(),
            request.Criteria.ToArray(), MostTexts + 1);
        // The same text says it all: nothing else needs to be read.
        var compared = found.SameText ? [] : different.Take(MostTexts).ToArray();
        var texts = found.SameText ? [request.Text] : await tx.QueryAsync(SelectTexts, static row => row.GetString(0), (object)compared);
        return (request, found, texts, !found.SameText && different.Length > MostTexts);
    }
}
