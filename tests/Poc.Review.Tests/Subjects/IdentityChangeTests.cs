using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Testing;

namespace Poc.Review.Tests.Subjects;

/// <summary>Two subjects that turn out to be one person, one that is two after all, and names that were wrong.</summary>
public sealed class IdentityChangeTests(ReviewStack stack)
{
    private static readonly string Yesterday = TimeProvider.System.GetUtcNow().AddDays(-1).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task Two_that_are_one_are_read_under_one_name_and_were_two_before()
    {
        var (one, other) = (await Case.NewAsync(stack, designated: true), await Case.NewAsync(stack));
        await MandateAsync(other, "release", true);
        var before = await one.EntryAsync(Yesterday);
        var staffBefore = (await one.SubjectAsync(), await other.SubjectAsync(), TimeProvider.System.GetUtcNow());

        var proposed = await ProposeAsync(Merge(one, other));
        Assert.Equal(("staff/officer", "", null), (proposed.ProposedBy, proposed.ConfirmedBy, proposed.ConfirmedAt));
        Assert.Equal(staffBefore.Item1, await one.SubjectAsync()); // nothing changes by a proposal
        var confirmed = await ConfirmAsync(proposed);
        Assert.Equal(("staff/approver-a", other.Subject), (confirmed.IdentityChange.ConfirmedBy, confirmed.Subject.Name));
        Assert.Equal([one.Episode, other.Episode], confirmed.Subject.Episodes.Select(static episode => episode.Name).Order(StringComparer.Ordinal));
        Assert.Equal([one.Subject], confirmed.Subject.Merged);

        // The old name says where it is read; everything of it is there.
        var old = await one.SubjectAsync();
        Assert.Equal((other.Subject, 0, 0), (old.MergedInto, old.Episodes.Count, old.Mandates.Count));
        var entry = (await one.EntryAsync()).Entry;
        Assert.Equal((other.Register, 0), (entry.MergedInto, entry.Episodes.Count));
        entry = (await other.EntryAsync()).Entry;
        Assert.Equal((one.Episode, DesignationState.Designated), (entry.Episodes[0].Name, entry.Episodes[0].DesignationState));
        Assert.Equal([one.Register], entry.Merged);
        Assert.Equal("release", Assert.Single(entry.Mandates).Aim);
        Assert.Equal((one.Subject, other.Subject, "Their documents are the same.", ""), (entry.IdentityChanges[0].Subject, entry.IdentityChanges[0].MergedInto, entry.IdentityChanges[0].Reason, entry.IdentityChanges[0].ConfirmedBy));

        // What was said, and what was on record, is what it was.
        Assert.Equal(before, await one.EntryAsync(Yesterday));
        Assert.Empty((await other.EntryAsync(Yesterday)).Entry.Episodes);
        Assert.Equal(staffBefore.Item1, await AsOfAsync(one, staffBefore.Item3));
        Assert.Equal(staffBefore.Item2, await AsOfAsync(other, staffBefore.Item3));
        Assert.Equal((1L, other.Subject), ((await one.Stack.Others.HeardAsync<SubjectMerged>(one.Subject)).Version, (await one.Stack.Others.HeardAsync<SubjectMerged>(one.Subject)).Into));
        Assert.Equal([proposed.Name], (await one.Client.ListIdentityChangesAsync(new ListIdentityChangesRequest { Parent = other.Subject }, Staff.Auditor)).IdentityChanges.Select(static change => change.Name));
    }

    [Fact]
    public async Task It_takes_two_people_who_know_the_same()
    {
        var @case = await Case.NewAsync(stack);
        var mine = (await Propose(Correct(@case, "Інша"), Staff.Approver)).IdentityChange;
        await Confirm(mine, Staff.Approver).RefusedAsync(StatusCode.PermissionDenied, "IDENTITY_CHANGE_NEEDS_ANOTHER_PERSON");
        var overtaken = await ProposeAsync(Correct(@case, "Третя"));
        await Confirm(mine, Staff.OtherApprover);
        await Confirm(mine, Staff.OtherApprover).RefusedAsync(StatusCode.FailedPrecondition, "IDENTITY_CHANGE_CONFIRMED");
        await Confirm(overtaken).RefusedAsync(StatusCode.FailedPrecondition, "IDENTITY_CHANGED");
        Assert.Equal("Інша", (await @case.SubjectAsync()).NativeName);
        // The database asks it too, of whoever has the service's role.
        Assert.Contains("cannot confirm it", (await Assert.ThrowsAsync<Npgsql.PostgresException>(() => @case.Stack.Database.ExecuteAsync(
            "INSERT INTO identity_confirmations (change, confirmed_by, confirmed_at) SELECT id, proposed_by, now() FROM identity_changes WHERE subject = $1 AND native_name = 'Третя'", @case.Subject))).MessageText, StringComparison.Ordinal);
        await Confirm(new IdentityChange { Name = $"{@case.Subject}/identityChanges/{Guid.CreateVersion7()}" }).RefusedAsync(StatusCode.NotFound, "IDENTITY_CHANGE_NOT_FOUND");
    }

    [Fact]
    public async Task Is_refused_with_what_must_be_decided_first()
    {
        var (one, other) = (await Case.NewAsync(stack, designated: true), await Case.NewAsync(stack, designated: true));
        await MandateAsync(one, "release", true);
        await MandateAsync(other, "release", false);
        await MandateAsync(other, "medical-care", true);
        var seated = await one.SeatAsync(await one.AskAsync(), "protocols/v1", "a1", "a2", "a3");

        var blocked = (await Propose(Merge(one, other)).RefusedAsync(StatusCode.FailedPrecondition, "IDENTITY_CHANGE_BLOCKED")).Info().Metadata;
        Assert.Equal((string.Join(',', new[] { one.Episode, other.Episode }.Order(StringComparer.Ordinal)), seated.Dossier.Name, "release"), (blocked["labels"], blocked["dossiers"], blocked["aims"]));

        await EndAsync(one);
        await MandateAsync(other, "release", true);
        blocked = (await Propose(Merge(one, other)).RefusedAsync(StatusCode.FailedPrecondition, "IDENTITY_CHANGE_BLOCKED")).Info().Metadata;
        Assert.Equal(["dossiers", "name"], blocked.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Looks_again_when_it_is_confirmed()
    {
        var (one, other) = (await Case.NewAsync(stack, designated: true), await Case.NewAsync(stack));
        var proposed = await ProposeAsync(Merge(one, other));
        await DesignateAsync(other);
        await Confirm(proposed).RefusedAsync(StatusCode.FailedPrecondition, "IDENTITY_CHANGE_BLOCKED");
        await EndAsync(other);
        await ConfirmAsync(proposed);

        // One person, one label: what was possible for two is not for one.
        await one.Client.OpenEpisodeAsync(new OpenEpisodeRequest { RequestId = Some.RequestId(), Parent = other.Subject, EpisodeId = "e2", Episode = new Episode { DetainedOn = "2021-02-01", Description = "Synthetic." } }, Staff.Officer);
        var stands = await Designate($"{other.Subject}/episodes/e2").RefusedAsync(StatusCode.FailedPrecondition, "LABEL_STANDS");
        Assert.Equal(one.Episode, stands.Info().Metadata["labels"]);
        await EndAsync(one);
        await Designate($"{other.Subject}/episodes/e2");
    }

    [Fact]
    public async Task What_comes_afterwards_is_about_the_one_person()
    {
        var (one, other) = (await Case.NewAsync(stack, designated: true), await Case.NewAsync(stack));
        var asked = await one.AskAsync();
        await one.Client.RecordTieAsync(new RecordTieRequest { RequestId = Some.RequestId(), Parent = one.Subject, Tie = new Tie { Staff = "staff/a1", Reason = "Cousins." } }, Staff.Approver);
        await ConfirmAsync(await ProposeAsync(Merge(one, other)));

        // Requests that name either join the same review, and the statements of both may come before the panel.
        Assert.Equal(asked.Name, (await one.AskAsync()).Name);
        Assert.Equal(asked.Name, (await other.AskAsync()).Name);
        asked = await one.DossierAsync(asked.Name);
        Assert.Equal([asked.Name], (await one.Client.ListDossiersAsync(new ListDossiersRequest { Subject = other.Subject }, Staff.Auditor)).Dossiers.Select(static dossier => dossier.Name));
        asked = await one.AttachAsync(asked, one.Statements[0], other.Statements[0]);
        // So do ties.
        await one.SeatAsync(asked, "protocols/v1", "a1", "a2", "a3").RefusedAsync(StatusCode.FailedPrecondition, "PANEL_MEMBER_TIED");
        var open = new OpenEpisodeRequest { RequestId = Some.RequestId(), Parent = one.Subject, EpisodeId = "e2", Episode = new Episode { DetainedOn = "2021-02-01", Description = "Synthetic." } };
        Assert.Equal(other.Subject, (await one.Client.OpenEpisodeAsync(open, Staff.Officer).RefusedAsync(StatusCode.FailedPrecondition, "SUBJECT_MERGED")).Info().Metadata["into"]);
        await Mandate(one, "release", true).RefusedAsync(StatusCode.FailedPrecondition, "SUBJECT_MERGED");
        await Propose(Merge(one, await Case.NewAsync(stack))).RefusedAsync(StatusCode.FailedPrecondition, "SUBJECT_MERGED");
        await Propose(Merge(other, one)).RefusedAsync(StatusCode.FailedPrecondition, "SUBJECT_MERGED");
    }

    [Fact]
    public async Task One_that_is_two_after_all_is_two_again_and_was_one_meanwhile()
    {
        var (one, other, third) = (await Case.NewAsync(stack, designated: true), await Case.NewAsync(stack), await Case.NewAsync(stack));
        await ConfirmAsync(await ProposeAsync(Merge(one, other)));
        await ConfirmAsync(await ProposeAsync(Merge(other, third)));
        var (meanwhile, at) = (await third.SubjectAsync(), TimeProvider.System.GetUtcNow());
        Assert.Equal([one.Subject, other.Subject], meanwhile.Merged);
        Assert.Equal(third.Subject, (await one.SubjectAsync()).MergedInto);

        var separation = new IdentityChange { Subject = other.Subject, SeparatedFrom = third.Subject, Reason = "Born years apart." };
        await Propose(new IdentityChange(separation) { Subject = one.Subject }).RefusedAsync(StatusCode.FailedPrecondition, "SUBJECT_NOT_MERGED");
        // A request that names any of them is about the one person, whose label is in force.
        var seated = await third.SeatAsync(await third.AskAsync(), "protocols/v1", "a1", "a2", "a3");
        Assert.Equal(one.Episode, seated.Dossier.Episode);
        var blocked = await Propose(separation).RefusedAsync(StatusCode.FailedPrecondition, "IDENTITY_CHANGE_BLOCKED");
        Assert.Equal(seated.Dossier.Name, blocked.Info().Metadata["dossiers"]);

        var (a, b) = (await Case.NewAsync(stack, designated: true), await Case.NewAsync(stack));
        await ConfirmAsync(await ProposeAsync(Merge(a, b)));
        var merged = (await b.SubjectAsync(), TimeProvider.System.GetUtcNow());
        await ConfirmAsync(await ProposeAsync(new IdentityChange { Subject = a.Subject, SeparatedFrom = b.Subject, Reason = "Born years apart." }));
        Assert.Equal("", (await a.SubjectAsync()).MergedInto);
        Assert.Equal([a.Episode], (await a.SubjectAsync()).Episodes.Select(static episode => episode.Name));
        Assert.Equal([b.Episode], (await b.SubjectAsync()).Episodes.Select(static episode => episode.Name));
        Assert.Equal(merged.Item1, await AsOfAsync(b, merged.Item2));
        Assert.Equal(DesignationState.Designated, (await a.SaidAsync())[^1]);
        // The entry that was the one person's for a while is there, and says so.
        var left = (await b.EntryAsync()).Entry;
        Assert.Equal((0, 2), (left.Episodes.Count, left.IdentityChanges.Count));
        Assert.Equal(a.Subject, (await a.Stack.Others.HeardAsync<SubjectSeparated>(a.Subject)).Aggregate);
        Assert.Equal(meanwhile, await AsOfAsync(third, at));
        await ConfirmAsync(await ProposeAsync(Merge(a, b)));
        Assert.Equal(b.Subject, (await a.SubjectAsync()).MergedInto);
    }

    [Fact]
    public async Task A_corrected_name_changes_nothing_of_what_was_said_under_the_old_one()
    {
        var @case = await Case.NewAsync(stack, designated: true);
        var signed = await @case.WithdrawnAsync();
        await @case.PublishAsync(signed);
        var (before, at) = (await @case.SubjectAsync(), TimeProvider.System.GetUtcNow());
        var page = await PageAsync(@case, signed);
        await ConfirmAsync(await ProposeAsync(Correct(@case, "Инша", "1976-06")));

        var now = await @case.SubjectAsync();
        Assert.Equal(("Инша", "Cyrl", "1976-06", "Not the one of Kyiv."), (now.NativeName, now.Script, now.BirthDate, now.IdentityNote));
        Assert.Equal(before, await AsOfAsync(@case, at));
        Assert.Equal("Людина", (await @case.EntryAsync(Yesterday)).Entry.NativeName);
        var entry = (await @case.EntryAsync()).Entry;
        var change = Assert.Single(entry.IdentityChanges);
        Assert.Equal(("Инша", "Инша", "", "", ""), (entry.NativeName, change.Corrected.NativeName, change.Corrected.BirthDate, change.Corrected.Note, change.ProposedBy));
        Assert.Empty((await @case.EntryAsync(Yesterday)).Entry.IdentityChanges);
        Assert.Equal(page, await PageAsync(@case, signed));
        Assert.Equal("Инша", (await @case.Stack.Others.HeardAsync<SubjectCorrected>(@case.Subject)).NativeName);

        await ConfirmAsync(await ProposeAsync(Correct(@case, "Людина")));
        await Eventually.BecomesTrueAsync(() => @case.Stack.Others.Heard.OfType<SubjectCorrected>().Any(told => told.Aggregate == @case.Subject && told.Version == 2), what: "the second correction");
        Assert.Equal("Людина", (await @case.SubjectAsync()).NativeName);
    }

    [Fact]
    public async Task Names_what_is_wrong_with_a_proposal()
    {
        var @case = await Case.NewAsync(stack);
        var wrong = new IdentityChange { Subject = @case.Subject, Corrected = new Identity { NativeName = " ", Script = "cyrillic", BirthDate = "4.6.1976" } };
        Assert.Equal(
            ["identity_change.corrected.birth_date", "identity_change.corrected.native_name", "identity_change.corrected.script", "identity_change.reason"],
            (await Propose(wrong).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields().Order(StringComparer.Ordinal));
        Assert.Equal(["identity_change.merged_into"], (await Propose(Merge(@case, @case)).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
        Assert.Equal(["identity_change.change"], (await Propose(new IdentityChange { Subject = @case.Subject, Reason = "x" }).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID")).WrongFields());
        await Propose(new IdentityChange { Subject = @case.Subject, MergedInto = "subjects/nobody", Reason = "x" }).RefusedAsync(StatusCode.NotFound, "SUBJECT_NOT_FOUND");
        await @case.Client.GetSubjectAsync(new GetSubjectRequest { Name = @case.Subject, AsOf = TimeProvider.System.GetUtcNow().AddDays(1).ToTimestamp() }, Staff.Auditor).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");
        await @case.Client.GetSubjectAsync(new GetSubjectRequest { Name = @case.Subject, AsOf = TimeProvider.System.GetUtcNow().AddDays(-1).ToTimestamp() }, Staff.Auditor).RefusedAsync(StatusCode.NotFound, "SUBJECT_NOT_FOUND");
    }

    /// <summary>Each tries what only one of both may have, at the same moment.</summary>
    [Fact]
    public async Task A_merge_and_a_label_at_the_same_moment_never_leave_two_labels()
    {
        var (merged, designated) = (0, 0);
        for (var round = 0; round < 12; round++)
        {
            var (one, other) = (await Case.NewAsync(stack, designated: true), await Case.NewAsync(stack));
            var proposed = await ProposeAsync(Merge(one, other));
            var won = await Task.WhenAll(SucceedsAsync(Confirm(proposed).ResponseAsync), SucceedsAsync(Designate(other.Episode).ResponseAsync));
            Assert.Single(won, static each => each);
            (merged, designated) = (merged + (won[0] ? 1 : 0), designated + (won[1] ? 1 : 0));
        }

        Assert.Equal(12, merged + designated);
    }

    [Fact]
    public async Task Merges_in_both_directions_at_the_same_moment_make_no_circle()
    {
        for (var round = 0; round < 6; round++)
        {
            var (one, other) = (await Case.NewAsync(stack), await Case.NewAsync(stack));
            var proposals = new[] { await ProposeAsync(Merge(one, other)), await ProposeAsync(Merge(other, one)) };
            var won = await Task.WhenAll(proposals.Select(proposed => SucceedsAsync(Confirm(proposed).ResponseAsync)));
            Assert.Single(won, static each => each);
            Assert.Equal(1, new[] { await one.SubjectAsync(), await other.SubjectAsync() }.Count(static subject => subject.MergedInto.Length > 0));
        }
    }

    private static IdentityChange Merge(Case one, Case into) => new() { Subject = one.Subject, MergedInto = into.Subject, Reason = "Their documents are the same." };

    private static IdentityChange Correct(Case @case, string name, string birthDate = "") => new()
    {
        Subject = @case.Subject,
        Corrected = new Identity { NativeName = name, Script = "Cyrl", Transliterations = { "Insha" }, BirthDate = birthDate, Note = "Not the one of Kyiv." },
        Reason = "The passport says so.",
    };

    private ReviewService.ReviewServiceClient Client => stack.RunningAsync().Result.Client; // started by the first case

    private AsyncUnaryCall<ProposeIdentityChangeResponse> Propose(IdentityChange change, Metadata? by = null) =>
        Client.ProposeIdentityChangeAsync(new ProposeIdentityChangeRequest { RequestId = Some.RequestId(), IdentityChange = change }, by ?? Staff.Officer);

    private async Task<IdentityChange> ProposeAsync(IdentityChange change) => (await Propose(change)).IdentityChange;

    private AsyncUnaryCall<ConfirmIdentityChangeResponse> Confirm(IdentityChange change, Metadata? by = null) =>
        Client.ConfirmIdentityChangeAsync(new ConfirmIdentityChangeRequest { RequestId = Some.RequestId(), Name = change.Name }, by ?? Staff.Approver);

    private async Task<ConfirmIdentityChangeResponse> ConfirmAsync(IdentityChange change) => await Confirm(change);

    private static AsyncUnaryCall<DecideMandateResponse> Mandate(Case @case, string aim, bool inForce) => @case.Client.DecideMandateAsync(
        new DecideMandateRequest { RequestId = Some.RequestId(), Parent = @case.Subject, Mandate = new Mandate { Aim = aim, InForce = inForce, EffectiveOn = "2021-01-17", Reason = "Synthetic." } }, Staff.Approver);

    private static async Task MandateAsync(Case @case, string aim, bool inForce) => await Mandate(@case, aim, inForce);

    private AsyncUnaryCall<RecordPastDesignationResponse> Designate(string episode) => Client.RecordPastDesignationAsync(
        new RecordPastDesignationRequest { RequestId = Some.RequestId(), Episode = episode, DesignatedOn = "2021-02-02", Source = "Synthetic." }, Staff.Approver);

    private async Task DesignateAsync(Case @case) => await Designate(@case.Episode);

    private static async Task EndAsync(Case @case) => await @case.Client.EndDesignationAsync(
        new EndDesignationRequest { RequestId = Some.RequestId(), Episode = @case.Episode, State = DesignationState.Closed, EffectiveOn = "2021-03-01", Reason = "Released." }, Staff.Approver);

    private static async Task<Subject> AsOfAsync(Case @case, DateTimeOffset at) =>
        (await @case.Client.GetSubjectAsync(new GetSubjectRequest { Name = @case.Subject, AsOf = at.ToTimestamp() }, Staff.Auditor)).Subject;

    private static async Task<string> PageAsync(Case @case, Decision decision) =>
        (await @case.Client.GetDecisionDocumentAsync(new GetDecisionDocumentRequest { Name = decision.Name }, Staff.Auditor)).Html;

    private static async Task<bool> SucceedsAsync<T>(Task<T> call)
    {
        try
        {
            await call;
            return true;
        }
        catch (RpcException refused) when (refused.Info().Reason is "IDENTITY_CHANGE_BLOCKED" or "LABEL_STANDS" or "SUBJECT_MERGED" or "IDENTITY_CHANGED")
        {
            return false;
        }
    }
}
