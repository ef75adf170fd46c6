using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Subjects;

/// <summary>Puts on record whom a request is about that only described a person, and tells Review, which judges it then.</summary>
internal sealed class ConfirmSubject(IdempotentWrites writes, IdSource ids, TimeProvider clock)
{
    private const int MaxReason = 2_000;

    private const string SelectRequest = $"SELECT {RequestRow.Columns} FROM requests WHERE id = $1 AND partner_id = $2 FOR UPDATE";

    private const string IsKnown = "SELECT subject FROM known_subjects WHERE subject = $1";

    private const string Insert =
        """
        INSERT INTO subject_confirmations (request, subject, reason, confirmed_by, confirmed_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT ON CONSTRAINT pk_subject_confirmations DO NOTHING
        """;

    private const string SetOnRequest = "UPDATE requests SET confirmed_subject = $2 WHERE id = $1";

    public Task<ConfirmSubjectResponse> HandleAsync(ConfirmSubjectRequest message, ServerCallContext context)
    {
        var wellFormed = RequestName.TryParse(message.Request, out var name);
        var wrong = new Violations()
            .Uuid("request_id", message.RequestId)
            .Require(wellFormed, "request", $"must be a name like {RequestName.Pattern}, as it was given")
            .NotBlank("reason", message.Reason)
            .MaxLength("reason", message.Reason, MaxReason)
            .Require(RequestRules.IsStorable(message.Reason), "reason", "must not have the character U+0000 nor half of a surrogate pair");
        if (message.Subject.Length > 0)
        {
            wrong.Name("subject", message.Subject, "subjects/{subject}");
        }

        wrong.ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, tx => WriteAsync(tx, message, name, context.Caller()), context.CancellationToken);
    }

    private async Task<ConfirmSubjectResponse> WriteAsync(Tx tx, ConfirmSubjectRequest message, RequestName name, Caller caller)
    {
        var request = await tx.QuerySingleOrDefaultAsync(SelectRequest, RequestRow.Read, name.Id, name.Partner) ?? throw IntakeErrors.RequestNotFound(message.Request);
        if (request.NativeName is null)
        {
            throw IntakeErrors.SubjectNamed(message.Request);
        }

        if (RequestLifecycle.IsClosed(request.State))
        {
            throw IntakeErrors.RequestClosed(message.Request, EnumText<Request.Types.State>.Of(request.State));
        }

        var subject = message.Subject.Length == 0 ? null : message.Subject;
        if (subject is not null && await tx.QuerySingleOrDefaultAsync(IsKnown, static row => row.GetString(0), subject) is null)
        {
            throw IntakeErrors.SubjectUnknownHere(subject);
        }

        var now = clock.GetUtcNow();
        if (await tx.ExecuteAsync(Insert, name.Id, subject, message.Reason, caller.Id, now) == 0)
        {
            throw IntakeErrors.SubjectAlreadyConfirmed(message.Request);
        }

        await tx.ExecuteAsync(SetOnRequest, name.Id, subject);
        await Outbox.AddAsync(tx, new RequestSubjectConfirmed(
            ids.Next(), message.Request, 1, now, subject, request.ReceivedAt, name.Parent, EnumText<RequestKind>.Of(request.Kind), [.. request.CitedStatements], [.. request.Criteria],
            EnumText<Relation>.Of(request.Relation), request.UrgencyReason.Length > 0, request.Language, Convert.ToHexStringLower(request.TextSha256)));
        return new ConfirmSubjectResponse
        {
            Confirmation = new SubjectConfirmation { Request = message.Request, Subject = message.Subject, Reason = message.Reason, ConfirmedBy = caller.Id, ConfirmedAt = now.ToTimestamp() },
        };
    }
}
