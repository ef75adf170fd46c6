using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>Says what a partner may call, and how much of it; what was said before stays on record.</summary>
internal sealed class SetPartnerLimits(IdempotentWrites writes, IOptions<IntakeOptions> options, TimeProvider clock)
{
    private const double MinPerSecond = 0.01;
    private const int Max = 1_000_000;

    // Locks the partner, so that two settings do not take the same version.
    private const string LockPartner = "SELECT partner_id FROM partners WHERE partner_id = $1 FOR UPDATE";

    private const string Insert =
        """
        INSERT INTO partner_limits (partner_id, version, keys_submit_only, set_at, set_by)
        VALUES ($1, (SELECT COALESCE(max(version), 0) + 1 FROM partner_limits WHERE partner_id = $1), $2, $3, $4)
        RETURNING version
        """;

    private const string InsertClasses =
        """
        INSERT INTO partner_class_limits (partner_id, version, method_class, denied, per_second, burst)
        SELECT $1, $2, method_class, denied, NULLIF(per_second, 0), NULLIF(burst, 0)
        FROM unnest($3::text[], $4::boolean[], $5::double precision[], $6::integer[]) AS class (method_class, denied, per_second, burst)
        """;

    public Task<SetPartnerLimitsResponse> HandleAsync(SetPartnerLimitsRequest message, ServerCallContext context)
    {
        var violations = new Violations()
            .Uuid("request_id", message.RequestId)
            .Name("name", message.Name, "partners/{partner}/limits")
            .Require(message.Limits is not null, "limits", "must be given")
            .MaxCount("limits.class_limits", message.Limits?.ClassLimits.Count ?? 0, LimitsInEffect.Classes.Count);
        Check(violations, message.Limits?.ClassLimits.Take(LimitsInEffect.Classes.Count) ?? []);
        violations.ThrowIfAny();
        return writes.OnceAsync(context.Caller(), message.RequestId, message, tx => WriteAsync(tx, message, context.Caller().Id), context.CancellationToken);
    }

    private static void Check(Violations violations, IEnumerable<ClassLimit> classes)
    {
        var seen = new HashSet<MethodClass>();
        foreach (var (index, limit) in classes.Index())
        {
            var field = string.Create(CultureInfo.InvariantCulture, $"limits.class_limits[{index}]");
            violations
                .Specified($"{field}.method_class", limit.MethodClass)
                .Require(seen.Add(limit.MethodClass), $"{field}.method_class", "must not be that of another element")
                .Require(limit.PerSecond == 0 || limit.PerSecond is >= MinPerSecond and <= Max, $"{field}.per_second", $"must be 0 or {MinPerSecond} to {Max}")
                .Require(limit.Burst is >= 0 and <= Max, $"{field}.burst", $"must be 0 to {Max}")
                .Require(limit.PerSecond == 0 == (limit.Burst == 0), $"{field}.burst", "must be given together with per_second");
        }
    }

    private async Task<SetPartnerLimitsResponse> WriteAsync(Tx tx, SetPartnerLimitsRequest message, string staff)
    {
        var partner = message.Name.Split('/')[1];
        if (await tx.QuerySingleOrDefaultAsync(LockPartner, static row => row.GetString(0), partner) is null)
        {
            throw IntakeErrors.PartnerNotFound($"partners/{partner}");
        }

        var version = await tx.ScalarAsync<int>(Insert, partner, message.Limits.KeysSubmitOnly, clock.GetUtcNow(), staff);
        var classes = message.Limits.ClassLimits;
        await tx.ExecuteAsync(
            InsertClasses, partner, version, classes.Select(static limit => EnumText<MethodClass>.Of(limit.MethodClass)).ToArray(), classes.Select(static limit => limit.Denied).ToArray(),
            classes.Select(static limit => limit.PerSecond).ToArray(), classes.Select(static limit => limit.Burst).ToArray());
        return new SetPartnerLimitsResponse { Limits = (await LimitsInEffect.ReadAsync(tx, partner, options.Value)).ToProto(message.Name) };
    }
}
