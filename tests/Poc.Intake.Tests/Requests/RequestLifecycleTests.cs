using Poc.Intake.Requests;
using static Poc.Contracts.Intake.V1.Request.Types;

namespace Poc.Intake.Tests.Requests;

public sealed class RequestLifecycleTests
{
    private static readonly HashSet<(State, State)> Legal =
    [
        (State.Received, State.Admissible),
        (State.Received, State.Inadmissible),
        (State.Received, State.Withdrawn),
        (State.Admissible, State.InDossier),
        (State.Admissible, State.Withdrawn),
        (State.InDossier, State.Answered),
        (State.InDossier, State.Withdrawn),
    ];

    public static TheoryData<State, State> Pairs()
    {
        var pairs = new TheoryData<State, State>();
        var states = Enum.GetValues<State>().Where(static state => state != State.Unspecified).ToList();
        foreach (var (current, next) in states.SelectMany(_ => states, static (current, next) => (current, next)))
        {
            pairs.Add(current, next);
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Takes_the_steps_of_the_domain_and_throws_at_every_other(State current, State next)
    {
        if (Legal.Contains((current, next)))
        {
            RequestLifecycle.Require(current, next);
        }
        else
        {
            Assert.Throws<InvalidOperationException>(() => RequestLifecycle.Require(current, next));
        }
    }

    [Fact]
    public void Nothing_follows_a_closed_state()
    {
        var closed = Enum.GetValues<State>().Where(RequestLifecycle.IsClosed);

        Assert.Equal([State.Inadmissible, State.Answered, State.Withdrawn], closed);
        Assert.DoesNotContain(Legal, static step => RequestLifecycle.IsClosed(step.Item1));
    }
}
