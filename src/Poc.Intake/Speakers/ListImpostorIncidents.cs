using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;
using static Poc.Contracts.Intake.V1.ImpostorIncident.Types;

namespace Poc.Intake.Speakers;

/// <summary>Incidents, newest first.</summary>
internal sealed class ListImpostorIncidents(Database database, PageTokens tokens)
{
    private const string SelectPage =
        $"""
        {ImpostorIncidents.Select}
        WHERE ($1::text IS NULL OR i.subject = $1) AND ($2::boolean IS NULL OR (i.closed_at IS NOT NULL) = $2)
            AND ($3::uuid IS NULL OR (i.opened_at, i.id) < (SELECT opened_at, id FROM impostor_incidents WHERE id = $3))
        ORDER BY i.opened_at DESC, i.id DESC
        LIMIT $4
        """;

    public async Task<ListImpostorIncidentsResponse> HandleAsync(ListImpostorIncidentsRequest message, ServerCallContext context)
    {
        var wrong = new Violations().Require(Enum.IsDefined(message.State), "state", "must be one of the values of the enumeration");
        if (message.Subject.Length > 0)
        {
            wrong.Name("subject", message.Subject, "subjects/{subject}");
        }

        wrong.ThrowIfAny();
        var size = PageSize.Coerce(message.PageSize);
        Guid? after = tokens.Read(message, message.PageToken) is { } cursor ? Guid.ParseExact(cursor, "D") : null;
        bool? closed = message.State == State.Unspecified ? null : message.State == State.Closed;
        var found = await database.ReadAsync(
            tx => tx.QueryAsync(SelectPage, ImpostorIncidents.Read, message.Subject.Length == 0 ? null : message.Subject, closed, after, size + 1), context.CancellationToken);
        return new ListImpostorIncidentsResponse
        {
            Incidents = { found.Take(size) },
            NextPageToken = found.Count > size ? tokens.Issue(message, found[size - 1].Name.Split('/')[1]) : "",
        };
    }
}
