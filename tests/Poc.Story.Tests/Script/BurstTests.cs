using System.Text;
using Poc.Contracts.Intake.V1;
using Poc.Story.Script;

namespace Poc.Story.Tests.Script;

public sealed class BurstTests
{
    private static readonly StoryScript s_script = StoryScript.Load(Path.Combine(AppContext.BaseDirectory, "data"));
    private readonly IReadOnlyList<PlannedRequest> _burst = Burst.Of(s_script);

    [Fact]
    public void Has_the_volume_of_the_reference_story()
    {
        var letters = _burst.Where(static request => request.Wording is not null).ToList();

        Assert.Equal(412, _burst.Count);
        Assert.Equal(9, letters.Select(static request => request.Wording).Distinct().Count());
        Assert.Equal(31, letters.Count(static request => request.HasResidue));
        Assert.Equal(14, _burst.Select(static request => request.Section).Distinct().Count());
        Assert.Equal(24, _burst.Count - letters.Count);
    }

    [Fact]
    public void Is_the_same_on_every_run() => Assert.Equal(_burst, Burst.Of(s_script));

    [Fact]
    public void Uses_every_residue_once()
    {
        var texts = _burst.Where(static request => request is { Wording: not null, HasResidue: true }).Select(static request => request.Request.Text.Split("\n\n")[2]);

        Assert.Equal(s_script.Requests.Burst.Residues.Select(static residue => residue.Text).Order(StringComparer.Ordinal), texts.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Spreads_ordinary_requests_over_the_whole_burst()
    {
        var positions = _burst.Index().Where(static entry => entry.Item.Wording is null).Select(static entry => entry.Index).ToList();

        Assert.True(positions.Zip(positions.Skip(1), static (one, next) => next - one).Max() <= 2 * _burst.Count / positions.Count);
    }

    [Fact]
    public void Marks_every_request_as_synthetic() => Assert.All(_burst, static request => Assert.True(request.Request.Synthetic));

    [Fact]
    public void Keeps_near_copies_near_and_not_equal()
    {
        var first = _burst.Where(static request => request is { Wording: "w1", HasResidue: false }).Select(static request => request.Request.Text).ToList();
        var body = s_script.Requests.Burst.Wordings[0].Body;

        Assert.All(first, text => Assert.Contains(body, text, StringComparison.Ordinal));
        Assert.InRange(first.Distinct().Count(), 2, 9);
    }

    [Fact]
    public void Stays_within_the_limits_of_intake() => Assert.All(_burst.Append(Burst.Urgent(s_script)).Append(Burst.Late(s_script)), static request =>
    {
        Assert.InRange(request.Request.Text.EnumerateRunes().Count(), 1, 100_000);
        Assert.InRange(request.Request.CitedStatements.Count, 0, 50);
        Assert.NotEqual(RequestKind.Unspecified, request.Request.Kind);
    });
}
