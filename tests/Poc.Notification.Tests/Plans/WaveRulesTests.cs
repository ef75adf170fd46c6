using Poc.Contracts.Notification.V1;
using Poc.Notification.Plans;

namespace Poc.Notification.Tests.Plans;

public sealed class WaveRulesTests
{
    [Fact]
    public void Opens_the_first_wave_at_the_start_and_waits_for_its_mandatory_recipients() =>
        Assert.Equal([new WaveStep(1, true, false, false)], WaveRules.Advance([Closed(1, 2), Closed(2, 1), Closed(3, 0)]));

    [Fact]
    public void Waits_while_one_mandatory_recipient_has_not_acknowledged() => Assert.Empty(WaveRules.Advance([Open(1, 1), Closed(2, 0)]));

    [Fact]
    public void Opens_the_next_wave_when_all_mandatory_recipients_acknowledged() =>
        Assert.Equal([new WaveStep(1, false, true, false), new WaveStep(2, true, false, false)], WaveRules.Advance([Open(1, 0), Closed(2, 1), Closed(3, 0)]));

    [Fact]
    public void Completes_waves_without_mandatory_recipients_as_they_open() =>
        Assert.Equal(
            [new WaveStep(1, true, true, false), new WaveStep(2, true, true, false), new WaveStep(3, true, true, false)],
            WaveRules.Advance([Closed(1, 0), Closed(2, 0), Closed(3, 0)]));

    [Fact]
    public void Does_nothing_more_when_all_is_completed() => Assert.Empty(WaveRules.Advance([Done(1), Done(2)]));

    [Fact]
    public void Overrides_the_wave_that_is_waited_for_and_stops_at_the_next_that_waits() =>
        Assert.Equal(
            [new WaveStep(2, false, true, true), new WaveStep(3, true, true, false), new WaveStep(4, true, false, false)],
            WaveRules.Override([Done(1), Open(2, 3), Closed(3, 0), Closed(4, 1), Closed(5, 0)]));

    [Fact]
    public void Opens_everything_in_leak_mode_and_overrides_only_what_was_waited_for() =>
        Assert.Equal(
            [new WaveStep(2, false, true, true), new WaveStep(3, true, true, false), new WaveStep(4, true, true, true)],
            WaveRules.Leak([Done(1), Open(2, 1), Closed(3, 0), Closed(4, 2)]));

    [Fact]
    public void Completes_waves_in_the_order_of_their_numbers_whatever_happens()
    {
        // Every plan of three waves with none, one or two mandatory recipients, under every sequence of four things that can happen to it.
        Func<WaveState[], IReadOnlyList<WaveStep>>[] moves = [WaveRules.Advance, Override, Acknowledge, WaveRules.Leak];
        var leak = moves.Length - 1;
        foreach (var plan in Sequences(3, 3))
        {
            foreach (var happening in Sequences(moves.Length, 4))
            {
                var waves = plan.Select((mandatory, index) => Closed(index + 1, mandatory)).ToArray();
                var completed = new List<int>();
                foreach (var move in happening.Prepend(0))
                {
                    foreach (var step in moves[move](waves))
                    {
                        var follows = step.Number == 1 || waves[step.Number - 2].IsCompleted || move == leak;
                        Assert.True(follows || !step.Opens, "a wave opened before the one before it was completed");
                        waves[step.Number - 1] = waves[step.Number - 1] with { IsOpen = true, IsCompleted = step.Completes };
                        completed.AddRange(step.Completes ? [step.Number] : []);
                    }
                }

                Assert.Equal(Enumerable.Range(1, completed.Count), completed);
            }
        }

        static IReadOnlyList<WaveStep> Override(WaveState[] waves) =>
            waves.Any(static wave => wave is { IsOpen: true, IsCompleted: false }) ? WaveRules.Override(waves) : [];

        static IReadOnlyList<WaveStep> Acknowledge(WaveState[] waves)
        {
            var waiting = Array.FindIndex(waves, static wave => wave is { IsOpen: true, IsCompleted: false });
            if (waiting >= 0)
            {
                waves[waiting] = waves[waiting] with { Awaited = waves[waiting].Awaited - 1 };
            }

            return WaveRules.Advance(waves);
        }
    }

    [Theory]
    [InlineData(
        new[] { Audience.CounselAndFamily, Audience.Public },
        new[] { Audience.Sections, Audience.Requesters },
        new[] { Audience.CounselAndFamily, Audience.Sections, Audience.Requesters, Audience.Public })]
    [InlineData(new[] { Audience.Partners, Audience.Sections }, new[] { Audience.CounselAndFamily }, new[] { Audience.CounselAndFamily, Audience.Partners, Audience.Sections })]
    [InlineData(new[] { Audience.Sections }, new[] { Audience.Public }, new[] { Audience.Sections, Audience.Public })]
    [InlineData(new[] { Audience.Sections }, new[] { Audience.Sections }, new[] { Audience.Sections })]
    public void Places_an_added_audience_before_those_usually_told_later(Audience[] prepared, Audience[] added, Audience[] expected) =>
        Assert.Equal(expected, WaveRules.Place(prepared, added));

    [Fact]
    public void Makes_a_plan_that_ends_with_the_public_of_the_audiences_a_protocol_names()
    {
        Assert.Equal(
            [Audience.Sections, Audience.CounselAndFamily, Audience.Public],
            WaveRules.WithoutPlan([Audience.Sections, Audience.Public, Audience.Staff, Audience.CounselAndFamily, Audience.Sections]));
        Assert.Equal([Audience.Public], WaveRules.WithoutPlan([]));
    }

    private static WaveState Closed(int number, int mandatory) => new(number, false, false, mandatory);

    private static WaveState Open(int number, int awaited) => new(number, true, false, awaited);

    private static WaveState Done(int number) => new(number, true, true, 0);

    private static IEnumerable<int[]> Sequences(int values, int length) =>
        length == 0 ? [[]] : Sequences(values, length - 1).SelectMany(start => Enumerable.Range(0, values).Select(value => start.Append(value).ToArray()));
}
