using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Register;

namespace Poc.Review.Subjects;

/// <summary>Puts a person on record.</summary>
internal sealed class CreateSubject(IdempotentWrites writes, IdSource ids, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO subjects (name, native_name, script, transliterations, synthetic, recorded_at, birth_date, identity_note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT ON CONSTRAINT pk_subjects DO NOTHING
        """;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, ALREADY_EXISTS SUBJECT_EXISTS.</exception>
    public Task<CreateSubjectResponse> HandleAsync(CreateSubjectRequest request, Caller caller, CancellationToken cancellation)
    {
        Validate(request);
        var name = $"subjects/{request.SubjectId}";
        var subject = request.Subject;
        return writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            var now = clock.GetUtcNow();
            if (await tx.ExecuteAsync(
                InsertSql, name, subject.NativeName, subject.Script, subject.Transliterations.ToArray(), subject.Synthetic, now, subject.BirthDate, subject.IdentityNote) == 0)
            {
                throw ReviewErrors.SubjectExists(name);
            }

            await RegisterNames.AddAsync(tx, name, now, subject.NativeName, subject.Transliterations);
            await Outbox.AddAsync(tx, new SubjectRecorded(ids.Next(), name, 1, now, subject.NativeName, subject.Script, [.. subject.Transliterations]));
            return new CreateSubjectResponse { Subject = await SubjectView.ReadAsync(tx, name) };
        }, cancellation);
    }

    private static void Validate(CreateSubjectRequest request)
    {
        var violations = new Violations().Uuid("request_id", request.RequestId).Id("subject_id", request.SubjectId).Require(request.Subject is not null,
            "subject", "must be given");
        if (request.Subject is { } subject)
        {
            violations.Identity("subject", subject.NativeName, subject.Script, subject.Transliterations, subject.BirthDate, ("identity_note", subject.IdentityNote));
        }

        violations.ThrowIfAny();
    }
}
