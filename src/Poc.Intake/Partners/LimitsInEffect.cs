using System.Collections.Frozen;
using Google.Protobuf.WellKnownTypes;
using Poc.Contracts.Intake.V1;
using Poc.Postgres;

namespace Poc.Intake.Partners;

/// <summary>A quota: calls a second that may be kept up, and calls that may come at once after a quiet time.</summary>
internal readonly record struct Rate(double PerSecond, int Burst);

/// <summary>What one partner may call, and how much of it: what was set for the partner, and else the service's own.</summary>
/// <param name="Denied">Classes that are refused.</param>
/// <param name="Rates">Quotas; a class without one has none.</param>
/// <param name="KeysSubmitOnly">API keys are for filing alone.</param>
/// <param name="SetAt">When they were set; null when never.</param>
/// <param name="SetBy">By whom.</param>
internal sealed record LimitsInEffect(FrozenSet<MethodClass> Denied, FrozenDictionary<MethodClass, Rate> Rates, bool KeysSubmitOnly, DateTimeOffset? SetAt, string SetBy)
{
    private const string Select =
        """
        SELECT newest.keys_submit_only, newest.set_at, newest.set_by, class.method_class, class.denied, class.per_second, class.burst
        FROM (SELECT partner_id, version, keys_submit_only, set_at, set_by FROM partner_limits WHERE partner_id = $1 ORDER BY version DESC LIMIT 1) AS newest
        LEFT JOIN partner_class_limits AS class USING (partner_id, version)
        """;

    /// <summary>Every class, in the order of the proto.</summary>
    public static IReadOnlyList<MethodClass> Classes { get; } = [.. System.Enum.GetValues<MethodClass>().Where(static value => value != MethodClass.Unspecified).Order()];

    /// <summary>The limits of a partner.</summary>
    /// <param name="tx">Reads them.</param>
    /// <param name="partner">Its id.</param>
    /// <param name="options">The service's own limits.</param>
    public static async Task<LimitsInEffect> ReadAsync(Tx tx, string partner, IntakeOptions options)
    {
        var rows = await tx.QueryAsync(
            Select,
            static row => (
                KeysSubmitOnly: row.GetBoolean(0), SetAt: row.GetFieldValue<DateTimeOffset>(1), SetBy: row.GetString(2),
                MethodClass: row.IsDBNull(3) ? MethodClass.Unspecified : EnumText<MethodClass>.Parse(row.GetString(3)),
                Denied: !row.IsDBNull(4) && row.GetBoolean(4), Rate: row.IsDBNull(5) ? (Rate?)null : new Rate(row.GetDouble(5), row.GetInt32(6))),
            partner);
        var rates = new Dictionary<MethodClass, Rate> { [MethodClass.Submit] = new(options.QuotaPerSecond, options.QuotaBurst) };
        foreach (var row in rows)
        {
            if (row.Rate is { } rate)
            {
                rates[row.MethodClass] = rate;
            }
        }

        return new LimitsInEffect(
            rows.Where(static row => row.Denied).Select(static row => row.MethodClass).ToFrozenSet(), rates.ToFrozenDictionary(),
            rows.Count > 0 && rows[0].KeysSubmitOnly, rows.Count > 0 ? rows[0].SetAt : null, rows.Count > 0 ? rows[0].SetBy : "");
    }

    /// <summary>The limits as the wire shows them.</summary>
    /// <param name="name"><c>partners/{p}/limits</c>.</param>
    public PartnerLimits ToProto(string name) => new()
    {
        Name = name,
        ClassLimits =
        {
            Classes.Select(value => new ClassLimit
            {
                MethodClass = value,
                Denied = Denied.Contains(value),
                PerSecond = Rates.TryGetValue(value, out var rate) ? rate.PerSecond : 0,
                Burst = Rates.TryGetValue(value, out rate) ? rate.Burst : 0,
            }),
        },
        KeysSubmitOnly = KeysSubmitOnly,
        SetAt = SetAt?.ToTimestamp(),
        SetBy = SetBy,
    };
}
