using Poc.Contracts.Review.V1;

namespace Poc.Review.Agreement;

/// <summary>How far a panel agreed, from its opened assessments.</summary>
public static class PanelAgreement
{
    /// <summary>Samples drawn for an interval.</summary>
    public const int Resamples = 2_000;

    /// <summary>Seed of the interval. It is sent with it: whoever has the assessments can compute the interval again.</summary>
    public const ulong Seed = 1;

    // Ballots are one judgement of one question, which alpha says nothing about; assessments are as many as statements.
    private static readonly (string Measure, Metric Metric, Func<Assessment, double> Of)[] Measures =
    [
        ("level", Metric.Ordinal, static assessment => (int)assessment.Level),
        ("retraction", Metric.Nominal, static assessment => (int)assessment.Retraction),
        ("context", Metric.Ordinal, static assessment => assessment.Context.Score),
        ("speaker", Metric.Ordinal, static assessment => assessment.Speaker.Score),
        ("intent", Metric.Ordinal, static assessment => assessment.Intent.Score),
        ("content_and_form", Metric.Ordinal, static assessment => assessment.ContentAndForm.Score),
        ("extent", Metric.Ordinal, static assessment => assessment.Extent.Score),
        ("likelihood", Metric.Ordinal, static assessment => assessment.Likelihood.Score),
    ];

    /// <summary>Agreement on each part of the assessments; nothing where no two members assessed one statement.</summary>
    /// <param name="assessments">Those of members who count.</param>
    public static IReadOnlyList<AgreementOnMeasure> Of(IReadOnlyCollection<Assessment> assessments)
    {
        var units = assessments.GroupBy(static assessment => assessment.Statement, StringComparer.Ordinal).OrderBy(static unit => unit.Key, StringComparer.Ordinal)
            .Select(static unit => unit.ToList()).Where(static unit => unit.Count > 1).ToList();
        return units.Count == 0 ? [] : [.. Measures.Select(measure => Measured(units, measure.Measure, measure.Metric, measure.Of))];
    }

    private static AgreementOnMeasure Measured(List<List<Assessment>> units, string measure, Metric metric, Func<Assessment, double> of)
    {
        var alpha = new KrippendorffAlpha(units.Select(unit => unit.ConvertAll(assessment => (double?)of(assessment))), metric);
        var agreed = alpha.Value;
        var message = new AgreementOnMeasure
        {
            Measure = measure,
            Metric = metric.ToString().ToLowerInvariant(),
            Undefined = agreed.Undefined == Undefined.NoVariation ? "no-variation" : "",
            UnitCount = agreed.Units,
            ValueCount = agreed.Values,
        };
        if (agreed.Alpha is { } value)
        {
            message.Alpha = value;
        }

        if (alpha.Interval(Resamples, Seed) is { } interval)
        {
            (message.Lower, message.Upper, message.Resamples, message.Seed) = (interval.Lower, interval.Upper, Resamples, Seed);
        }

        return message;
    }
}
