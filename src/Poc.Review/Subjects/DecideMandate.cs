using Poc.Contracts.Review.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Postgres;
using Poc.Review.Register;

namespace Poc.Review.Subjects;

/// <summary>What the organisation campaigns for, by a decision of its own (DOMAIN, invariant 7): nothing else in this service writes a mandate.</summary>
internal sealed class DecideMandate(IdempotentWrites writes, RegisterNews register, IdSource ids, TimeProvider clock)
{
    private const string InsertSql = """
        INSERT INTO mandates (name, subject, aim, in_force, effective_on, reason, decided_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """;

    /// <exception cref="RpcError">INVALID_ARGUMENT FIELD_INVALID, NOT_FOUND SUBJECT_NOT_FOUND, FAILED_PRECONDITION SUBJECT_MERGED.</exception>
    public Task<DecideMandateResponse> HandleAsync(DecideMandateRequest request, Caller caller, CancellationToken cancellation)
    {
        new Violations()
            .Uuid("request_id", request.RequestId)
            .Name("parent", request.Parent, Names.Subject)
            .Require(request.Mandate is not null, "mandate", "must be given")
            .Id("mandate.aim", request.Mandate?.Aim ?? "")
            .DayUpTo("mandate.effective_on", request.Mandate?.EffectiveOn ?? "", Days.Today(clock))
            .Text("mandate.reason", request.Mandate?.Reason)
            .ThrowIfAny();
        var mandate = request.Mandate!.Clone();
        mandate.DecidedBy = caller.Id;
        return register.FollowAsync(writes.OnceAsync(caller, request.RequestId, request, async tx =>
        {
            await People.LockOwnAsync(tx, request.Parent);
            mandate.Name = Names.New($"{request.Parent}/mandates", ids.Next());
            await tx.ExecuteAsync(
                InsertSql, mandate.Name, request.Parent, mandate.Aim, mandate.InForce, Days.Parse(mandate.EffectiveOn), mandate.Reason, caller.Id,
                    clock.GetUtcNow());
            return new DecideMandateResponse { Mandate = mandate };
        }, cancellation));
    }
}
