using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Postgres;

namespace Poc.Intake.Speakers;

/// <summary>What is asked of speakers and what they say, however it reaches us.</summary>
internal static class SpeakerChecks
{
    private const string SelectRequest = $"SELECT {RequestRow.Columns} FROM requests WHERE id = $1 AND partner_id = $2 FOR UPDATE";

    private const string Insert =
        """
        INSERT INTO speaker_checks (id, request, speaker, how, asked_by, asked_at, code_sha256, expires_at, outcome, answered_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """;

    // One who says "not mine" outweighs all who said otherwise: it must be looked at.
    private const string SetStanding =
        """
        UPDATE requests
        SET speaker_standing = (SELECT CASE WHEN bool_or(outcome = 'MISMATCH') THEN 'MISMATCH' ELSE 'VERIFIED' END FROM speaker_checks WHERE request = $1 AND outcome IS NOT NULL)
        WHERE id = $1
        """;

    private const string SelectChecks =
        """
        SELECT c.id, r.partner_id, c.request, s.subject, c.speaker, c.outcome, c.how, c.asked_by, c.asked_at, c.answered_at, c.expires_at
        FROM speaker_checks AS c JOIN requests AS r ON r.id = c.request JOIN speakers AS s ON s.id = c.speaker
        WHERE c.request = $1
        ORDER BY c.asked_at, c.id
        """;

    /// <summary>The request and the speaker, when the one can be asked about the other; the request stays locked.</summary>
    /// <exception cref="RpcError">See <c>AskSpeaker</c> in speaker.proto.</exception>
    public static async Task<(RequestRow Request, Speaker Speaker)> RequireAsync(Tx tx, RequestName request, SpeakerName speaker)
    {
        var row = await tx.QuerySingleOrDefaultAsync(SelectRequest, RequestRow.Read, request.Id, request.Partner) ?? throw IntakeErrors.RequestNotFound(request.ToString());
        if (row.Relation == Relation.ThirdParty)
        {
            throw IntakeErrors.SpeakerClaimMissing(request.ToString());
        }

        var registered = await SpeakerRegister.FindAsync(tx, speaker);
        if ((row.ConfirmedSubject ?? row.Subject) is { } subject && subject != speaker.Subject)
        {
            throw IntakeErrors.SpeakerNotFound(speaker.ToString()); // Nobody who speaks for the request's subject.
        }

        if (registered.EndedAt is not null)
        {
            throw IntakeErrors.SpeakerEnded(speaker.ToString());
        }

        return registered.RegisteredAt.ToDateTimeOffset() < row.ReceivedAt ? (row, registered) : throw IntakeErrors.SpeakerRegisteredLater(speaker.ToString());
    }

    /// <summary>Puts a check on record.</summary>
    public static Task AddAsync(Tx tx, NewCheck check) => tx.ExecuteAsync(
        Insert, check.Id, check.Request, check.Speaker, check.How, check.AskedBy, check.AskedAt, check.CodeSha256, check.ExpiresAt,
        check.Outcome is { } outcome ? EnumText<SpeakerStanding>.Of(outcome) : null, check.Outcome is null ? null : check.AskedAt);

    /// <summary>Brings the request's standing in line with its answered checks.</summary>
    public static Task SetStandingAsync(Tx tx, Guid request) => tx.ExecuteAsync(SetStanding, request);

    /// <summary>All checks of a request, oldest first.</summary>
    public static Task<IReadOnlyList<SpeakerCheck>> OfRequestAsync(Tx tx, Guid request) => tx.QueryAsync(
        SelectChecks,
        static row => new SpeakerCheck
        {
            Name = $"speakerChecks/{row.GetGuid(0):D}",
            Request = new RequestName(row.GetString(1), row.GetGuid(2)).ToString(),
            Speaker = new SpeakerName(row.GetString(3), row.GetGuid(4)).ToString(),
            Outcome = row.IsDBNull(5) ? SpeakerStanding.Unverified : EnumText<SpeakerStanding>.Parse(row.GetString(5)),
            How = row.GetString(6),
            AskedBy = row.GetString(7),
            AskedAt = row.GetFieldValue<DateTimeOffset>(8).ToTimestamp(),
            AnsweredAt = row.IsDBNull(9) ? null : row.GetFieldValue<DateTimeOffset>(9).ToTimestamp(),
            ExpiresAt = row.IsDBNull(10) ? null : row.GetFieldValue<DateTimeOffset>(10).ToTimestamp(),
        },
        request);
}

/// <summary>A check before it is stored.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Request">Id of the request.</param>
/// <param name="Speaker">Id of the speaker.</param>
/// <param name="How">How it is asked.</param>
/// <param name="AskedBy">Who asks.</param>
/// <param name="AskedAt">When; also when it was answered, where there is an outcome already.</param>
internal sealed record NewCheck(Guid Id, Guid Request, Guid Speaker, string How, string AskedBy, DateTimeOffset AskedAt)
{
    public byte[]? CodeSha256 { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public SpeakerStanding? Outcome { get; init; }
}
