using Google.Protobuf.WellKnownTypes;
using Npgsql;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Intake.Requests;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Speakers;

/// <summary>Opens and reads incidents.</summary>
internal sealed class ImpostorIncidents(IdSource ids, TimeProvider clock)
{
    /// <summary>Who opened an incident that a person's own denial opened.</summary>
    public const string BySpeaker = "speakers";

    /// <summary>Reads an incident's columns, to be followed by a condition; <see cref="Read"/> expects them in this order.</summary>
    public const string Select =
        """
        SELECT i.id, i.subject, r.partner_id, i.request, s.subject, i.speaker, i.description, i.opened_at, i.opened_by, i.closed_at, i.closed_by, i.resolution
        FROM impostor_incidents AS i LEFT JOIN requests AS r ON r.id = i.request LEFT JOIN speakers AS s ON s.id = i.speaker
        """;

    private const string SelectOne = $"{Select} WHERE i.id = $1";

    private const string Insert =
        """
        INSERT INTO impostor_incidents (id, subject, request, speaker, description, opened_at, opened_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
        """;

    /// <summary>Opens one and tells of it.</summary>
    public async Task<ImpostorIncident> OpenAsync(Tx tx, NewIncident incident)
    {
        var (id, now) = (ids.Next(), clock.GetUtcNow());
        await tx.ExecuteAsync(Insert, id, incident.Subject, incident.Request?.Id, incident.Speaker?.Id, incident.Description, now, incident.OpenedBy);
        await Outbox.AddAsync(tx, new ImpostorIncidentOpened(ids.Next(), $"impostorIncidents/{id:D}", 1, now, incident.Subject, incident.Request?.ToString(), incident.Speaker?.ToString()));
        return await FindAsync(tx, id);
    }

    /// <exception cref="Grpc.RpcError">NOT_FOUND (INCIDENT_NOT_FOUND).</exception>
    public static async Task<ImpostorIncident> FindAsync(Tx tx, Guid id) =>
        await tx.QuerySingleOrDefaultAsync(SelectOne, Read, id) ?? throw IntakeErrors.IncidentNotFound($"impostorIncidents/{id:D}");

    /// <summary>The id in <c>impostorIncidents/{incident}</c>.</summary>
    public static bool TryParse(string name, out Guid id)
    {
        const string Collection = "impostorIncidents/";
        id = default;
        return name.StartsWith(Collection, StringComparison.Ordinal) && Guid.TryParseExact(name[Collection.Length..], "D", out id) && name == $"{Collection}{id:D}";
    }

    public static ImpostorIncident Read(NpgsqlDataReader row) => new()
    {
        Name = $"impostorIncidents/{row.GetGuid(0):D}",
        Subject = row.GetString(1),
        Request = row.IsDBNull(3) ? "" : new RequestName(row.GetString(2), row.GetGuid(3)).ToString(),
        Speaker = row.IsDBNull(5) ? "" : new SpeakerName(row.GetString(4), row.GetGuid(5)).ToString(),
        Description = row.GetString(6),
        OpenedAt = row.GetFieldValue<DateTimeOffset>(7).ToTimestamp(),
        OpenedBy = row.GetString(8),
        ClosedAt = row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9).ToTimestamp(),
        ClosedBy = row.GetString(10),
        Resolution = row.GetString(11),
        State = row.IsDBNull(9) ? ImpostorIncident.Types.State.Open : ImpostorIncident.Types.State.Closed,
    };
}

/// <summary>An incident before it is stored.</summary>
/// <param name="Subject"><c>subjects/{s}</c>.</param>
/// <param name="Description">What happened.</param>
/// <param name="OpenedBy">Who puts it on record.</param>
internal sealed record NewIncident(string Subject, string Description, string OpenedBy)
{
    public RequestName? Request { get; init; }
    public SpeakerName? Speaker { get; init; }
}
