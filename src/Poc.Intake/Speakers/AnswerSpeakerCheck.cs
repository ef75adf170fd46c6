using System.Security.Cryptography;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Postgres;

namespace Poc.Intake.Speakers;

/// <summary>
/// Takes the answer of a person who was asked by mail; the code is all they need. The answer that came first counts, whatever a repetition says: its sender learns
/// when that was and nothing else.
/// </summary>
internal sealed class AnswerSpeakerCheck(Database database, ImpostorIncidents incidents, TimeProvider clock)
{
    private const int MaxCode = 128;

    private const string SelectByCode =
        """
        SELECT c.id, c.request, c.speaker, s.subject, r.partner_id, c.answered_at
        FROM speaker_checks AS c JOIN speakers AS s ON s.id = c.speaker JOIN requests AS r ON r.id = c.request
        WHERE c.code_sha256 = $1 AND (c.expires_at > $2 OR c.answered_at IS NOT NULL)
        FOR UPDATE OF c, r
        """;

    private const string Answer = "UPDATE speaker_checks SET outcome = $2, answered_at = $3 WHERE id = $1 RETURNING answered_at";

    public Task<AnswerSpeakerCheckResponse> HandleAsync(AnswerSpeakerCheckRequest message, ServerCallContext context)
    {
        new Violations().NotBlank("code", message.Code).MaxLength("code", message.Code, MaxCode).ThrowIfAny();
        return database.InTransactionAsync(tx => AnswerAsync(tx, SHA256.HashData(Encoding.UTF8.GetBytes(message.Code)), message.Confirms), context.CancellationToken);
    }

    private async Task<AnswerSpeakerCheckResponse> AnswerAsync(Tx tx, byte[] code, bool confirms)
    {
        var now = clock.GetUtcNow();
        var asked = await tx.QuerySingleOrDefaultAsync(
            SelectByCode,
            static row => new Asked(
                row.GetGuid(0), new RequestName(row.GetString(4), row.GetGuid(1)), new SpeakerName(row.GetString(3), row.GetGuid(2)), row.IsDBNull(5) ? null : row.GetFieldValue<DateTimeOffset>(5)),
            code, now) ?? throw IntakeErrors.SpeakerCodeUnknown();
        if (asked.AnsweredAt is { } before)
        {
            return new AnswerSpeakerCheckResponse { AnsweredAt = before.ToTimestamp() };
        }

        // As the database keeps it, so that a repetition gives the same.
        var answered = await tx.ScalarAsync<DateTimeOffset>(Answer, asked.Id, EnumText<SpeakerStanding>.Of(confirms ? SpeakerStanding.Verified : SpeakerStanding.Mismatch), now);
        await SpeakerChecks.SetStandingAsync(tx, asked.Request.Id);
        if (!confirms)
        {
            await incidents.OpenAsync(tx, new NewIncident(asked.Speaker.Subject, "Asked by mail, the person says that the request is not theirs.", ImpostorIncidents.BySpeaker) { Request = asked.Request, Speaker = asked.Speaker });
        }

        return new AnswerSpeakerCheckResponse { AnsweredAt = answered.ToTimestamp() };
    }

    private sealed record Asked(Guid Id, RequestName Request, SpeakerName Speaker, DateTimeOffset? AnsweredAt);
}
