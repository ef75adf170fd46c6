using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Requests;
using Poc.Kernel;
using Poc.Postgres;

namespace Poc.Intake.Amplification;

/// <summary>Puts a dated public act on record that may have set off a burst of requests.</summary>
internal sealed class RecordAmplificationEvent(IdempotentWrites writes, IdSource ids, TimeProvider clock)
{
    private const int MaxDescription = 10_000;

    private const string Insert =
        """
        INSERT INTO amplification_events (id, subject, description, occurred_on, url, statement, synthetic, recorded_by, recorded_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """;

    public Task<RecordAmplificationEventResponse> HandleAsync(RecordAmplificationEventRequest message, ServerCallContext context)
    {
        var act = message.AmplificationEvent ?? new AmplificationEvent();
        var dated = DateOnly.TryParseExact(act.OccurredOn, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day);
        var wrong = new Violations()
            .Uuid("request_id", message.RequestId)
            .Name("amplification_event.subject", act.Subject, "subjects/{subject}")
            .NotBlank("amplification_event.description", act.Description)
            .MaxLength("amplification_event.description", act.Description, MaxDescription)
            .Require(RequestRules.IsStorable(act.Description), "amplification_event.description", "must not have the character U+0000 nor half of a surrogate pair")
            .Require(dated && day <= DateOnly.FromDateTime(clock.GetUtcNow().AddDays(1).UtcDateTime), "amplification_event.occurred_on", "must be a day such as 2021-01-19, and not in the future")
            .Require(act.Url.Length == 0 || RequestRules.IsLink(act.Url), "amplification_event.url", "must be an absolute http or https URL of at most 2000 characters");
        if (act.Statement.Length > 0)
        {
            wrong.Name("amplification_event.statement", act.Statement, RequestRules.StatementPattern);
        }

        wrong.ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, tx => WriteAsync(tx, act, day, context.Caller()), context.CancellationToken);
    }

    private async Task<RecordAmplificationEventResponse> WriteAsync(Tx tx, AmplificationEvent act, DateOnly day, Caller caller)
    {
        var id = ids.Next();
        var now = clock.GetUtcNow();
        var name = $"amplificationEvents/{id:D}";
        var statement = act.Statement.Length == 0 ? null : act.Statement;
        await tx.ExecuteAsync(Insert, id, act.Subject, act.Description, day, act.Url, statement, act.Synthetic, caller.Id, now);
        await Outbox.AddAsync(tx, new AmplificationEventRecorded(ids.Next(), name, 1, now, act.Subject, day, statement));
        return new RecordAmplificationEventResponse { AmplificationEvent = new AmplificationEvent(act) { Name = name } };
    }
}
