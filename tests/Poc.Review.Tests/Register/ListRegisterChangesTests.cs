using System.Globalization;
using Grpc.Core;
using Poc.Contracts.Review.V1;
using Poc.Testing;

namespace Poc.Review.Tests.Register;

/// <summary>What a reader who keeps a copy of the register learns of its changes.</summary>
public sealed class ListRegisterChangesTests(ReviewStack stack)
{
    [Fact]
    public async Task A_change_is_told_when_it_is_public_and_not_before()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var told = await OfAsync(@case, 0);
        Assert.NotEmpty(told);
        var signed = await @case.WithdrawnAsync();
        Assert.Equal(told, await OfAsync(@case, 0)); // a panel sat and decided, under embargo
        await @case.PublishAsync(signed);
        var change = Assert.Single(await OfAsync(@case, told[^1].Sequence));
        var asked = TimeProvider.System.GetUtcNow().UtcDateTime;
        Assert.Equal(@case.Register, change.Entry);
        Assert.InRange(change.RecordedAt.ToDateTime(), asked.AddMinutes(-1), asked.AddMinutes(1));
    }

    [Fact]
    public async Task A_subject_of_whom_nothing_was_said_is_nobodys_news()
    {
        var (one, other) = (await Case.NewAsync(stack), await Case.NewAsync(stack));
        await MandateAsync(one);
        await MergeAsync(one, other);
        Assert.Empty(await OfAsync(one, 0));
        Assert.Empty(await OfAsync(other, 0));

        // What is said of one is read under the other, and so is its mandate.
        await RecordAsync(one);
        var entries = (await OfAsync(one, 0)).Concat(await OfAsync(other, 0)).Select(static change => change.Entry).Distinct(StringComparer.Ordinal);
        Assert.Equal(new[] { one.Register, other.Register }.Order(StringComparer.Ordinal), entries.Order(StringComparer.Ordinal));
        var last = await LastAsync(one);
        await MandateAsync(other);
        Assert.Equal(other.Register, Assert.Single(await OfAsync(other, last)).Entry);
    }

    [Fact]
    public async Task A_merge_is_news_of_both()
    {
        var (one, other) = (await Case.NewAsync(stack, designated: true), await Case.NewAsync(stack));
        var last = await LastAsync(one);
        Assert.Empty(await OfAsync(other, 0));
        await MergeAsync(one, other);
        Assert.Single(await OfAsync(one, last));
        Assert.Single(await OfAsync(other, last));
    }

    [Fact]
    public async Task Whoever_follows_misses_nothing_of_what_many_write_at_once()
    {
        var cases = new List<Case>();
        for (var i = 0; i < 16; i++)
        {
            cases.Add(await Case.NewAsync(stack));
        }

        var after = await LastAsync(cases[0]);
        var ended = new TaskCompletionSource();
        var following = Task.Run(async () =>
        {
            var (seen, at, last) = (new List<string>(), after, false);
            while (true)
            {
                last = ended.Task.IsCompleted;
                var answer = await cases[0].Stack.Register.ListRegisterChangesAsync(new ListRegisterChangesRequest { After = at, PageSize = 3 });
                Assert.Equal(answer.Changes.Select(static change => change.Sequence).Order(), answer.Changes.Select(static change => change.Sequence));
                Assert.True(answer.Changes.Count is 0 || answer.Changes[0].Sequence > at);
                Assert.Equal(answer.Changes.Count > 0 ? answer.Changes[^1].Sequence : at, answer.NextAfter);
                at = answer.NextAfter;
                seen.AddRange(answer.Changes.Select(static change => change.Entry));
                if (last && answer.Changes.Count == 0)
                {
                    return seen;
                }
            }
        });
        await Task.WhenAll(cases.Select(RecordAsync));
        ended.SetResult();
        var entries = await following;
        Assert.All(cases, @case => Assert.Contains(@case.Register, entries));
    }

    [Fact]
    public async Task What_cannot_be_asked_is_refused_by_its_field()
    {
        var running = await stack.RunningAsync();
        Assert.Equal(["after"], (await running.Register.ListRegisterChangesAsync(new ListRegisterChangesRequest { After = -1 }).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
    }

    private static async Task<IReadOnlyList<RegisterChange>> OfAsync(Case @case, long after) => [.. (await AllAsync(@case, after)).Where(change => change.Entry == @case.Register)];

    private static async Task<long> LastAsync(Case @case) => (await AllAsync(@case, 0)) is { Count: > 0 } all ? all[^1].Sequence : 0;

    private static async Task<IReadOnlyList<RegisterChange>> AllAsync(Case @case, long after)
    {
        var all = new List<RegisterChange>();
        while (true)
        {
            var answer = await @case.Stack.Register.ListRegisterChangesAsync(new ListRegisterChangesRequest { After = after, PageSize = 500 });
            if (answer.Changes.Count == 0)
            {
                return all;
            }

            all.AddRange(answer.Changes);
            after = answer.NextAfter;
        }
    }

    private static async Task RecordAsync(Case @case) => await @case.Client.RecordPastDesignationAsync(
        new RecordPastDesignationRequest { RequestId = Some.RequestId(), Episode = @case.Episode, DesignatedOn = "2021-01-17", Source = "Synthetic." }, Staff.Approver);

    private static async Task MandateAsync(Case @case) => await @case.Client.DecideMandateAsync(
        new DecideMandateRequest
        {
            RequestId = Some.RequestId(),
            Parent = @case.Subject,
            Mandate = new Mandate { Aim = "release", InForce = true, EffectiveOn = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Reason = "Synthetic." },
        }, Staff.Approver);

    private static async Task MergeAsync(Case one, Case into)
    {
        var proposed = await one.Client.ProposeIdentityChangeAsync(
            new ProposeIdentityChangeRequest { RequestId = Some.RequestId(), IdentityChange = new IdentityChange { Subject = one.Subject, MergedInto = into.Subject, Reason = "One person." } }, Staff.Officer);
        await one.Client.ConfirmIdentityChangeAsync(new ConfirmIdentityChangeRequest { RequestId = Some.RequestId(), Name = proposed.IdentityChange.Name }, Staff.Approver);
    }
}
