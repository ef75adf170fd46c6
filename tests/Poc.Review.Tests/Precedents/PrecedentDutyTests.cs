using Grpc.Core;
using Poc.Contracts.Review.V1;
using Poc.Testing;

namespace Poc.Review.Tests.Precedents;

/// <summary>A protocol that asks for an answer to precedents that are near and were decided otherwise.</summary>
public sealed class PrecedentDutyTests(ReviewStack stack)
{
    private const string Reasons = "Whatever magnifying peripheral quotations contributes, responsibility diminishes.";

    [Fact]
    public async Task A_near_precedent_that_was_decided_otherwise_is_answered_before_anybody_signs()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var ready = await @case.ReplyAsync(await @case.AttachAsync(await @case.AskAsync(), [.. @case.Statements]));
        var otherwise = await FindPrecedentsTests.RecordAsync(@case.Client, "advocacy-of-violence", Outcome.Maintained, Reasons);
        var alike = await FindPrecedentsTests.RecordAsync(@case.Client, "advocacy-of-violence", Outcome.LabelWithdrawn, Reasons);
        await FindPrecedentsTests.RecordAsync(@case.Client, "advocacy-of-violence", Outcome.Maintained, "Railways, bridges, telegraphs.");
        var (app, address) = await stack.ReplicaAsync(("Review:ProtocolFolder", await FolderAsync()));
        var running = @case.Stack;
        await using var replica = app;
        var there = @case.On(new Running(app, address, running.Database, running.Archive, running.Intake, running.Others, running.Redis));

        var voted = await there.VotedAsync(ready, "protocols/v3", ("a1", Choice.For), ("a2", Choice.For), ("a3", Choice.For));
        var draft = there.Draft();
        draft.Reasons = Reasons;
        var refusal = await there.DraftAsync(voted, draft).RefusedAsync(StatusCode.FailedPrecondition, "PRECEDENT_UNANSWERED");
        Assert.Equal(otherwise, refusal.Info().Metadata["precedents"]);

        // To name it is no answer, and to answer one that agrees is none either.
        draft.Precedents.Add(new PrecedentComparison { Precedent = otherwise });
        draft.Precedents.Add(new PrecedentComparison { Precedent = alike, Departs = true, Because = "It agrees." });
        await there.DraftAsync(voted, draft).RefusedAsync(StatusCode.FailedPrecondition, "PRECEDENT_UNANSWERED");
        draft.Precedents[0] = new PrecedentComparison { Precedent = otherwise, Departs = true, Because = "Treated differently because nothing was retracted." };
        var drafted = (await there.DraftAsync(voted, draft)).Decision;

        // One that is put on record after the draft is answered too, as long as nobody has signed.
        var later = await FindPrecedentsTests.RecordAsync(@case.Client, "advocacy-of-violence", Outcome.Redesignated, Reasons);
        refusal = await there.SignAsync(drafted, Staff.Chair).RefusedAsync(StatusCode.FailedPrecondition, "PRECEDENT_UNANSWERED");
        Assert.Equal(later, refusal.Info().Metadata["precedents"]);
        draft.Precedents.Add(new PrecedentComparison { Precedent = later, Departs = true, Because = "Treated differently because no time has passed." });
        drafted = (await there.DraftAsync(await there.DossierAsync(voted.Name), draft)).Decision;
        var signed = (await there.SignAsync(drafted, Staff.Chair)).Decision;
        await FindPrecedentsTests.RecordAsync(@case.Client, "advocacy-of-violence", Outcome.Maintained, Reasons);
        Assert.True((await there.SignAsync(signed, Staff.Approver)).InForce);
    }

    [Fact]
    public async Task A_protocol_that_asks_for_none_gets_none()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        // Words of its own: the tests of this class share the precedents, in whatever order they run.
        const string same = "Orchards, lanterns and harbours persuade nobody twice.";
        await FindPrecedentsTests.RecordAsync(@case.Client, "advocacy-of-violence", Outcome.Maintained, same);
        var draft = @case.Draft();
        draft.Reasons = same;
        Assert.Empty((await @case.DraftAsync(await @case.VotedToDelistAsync(), draft)).Decision.Precedents);
    }

    /// <summary>Version 3: what version 2 says, and that of the three nearest those from 90% on are answered.</summary>
    private static async Task<string> FolderAsync()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Servers.Folder, Some.Id("protocols"))).FullName;
        var shipped = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Protocols", "v2.yaml"));
        await File.WriteAllTextAsync(Path.Combine(folder, "v3.yaml"), shipped.Replace("version: 2\n", "version: 3\nprecedents: { answer: 3, nearness: 90 }\n", StringComparison.Ordinal));
        return folder;
    }
}
