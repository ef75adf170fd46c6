using Grpc.Core;
using Poc.Contracts.Events.Notification.V1;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Review.V1;
using Poc.Testing;

namespace Poc.Review.Tests;

/// <summary>A subject of a test's own, and the steps of its reviews as staff take them.</summary>
internal sealed class Case
{
    public const string Text1 = "A neutral description of a video in which people are compared to insects.";
    public const string Text2 = "A neutral description of a video that likens deportation to dentistry.";

    private Case(Running stack, string subject) => (Stack, Subject) = (stack, subject);

    public Running Stack { get; }

    public string Subject { get; }

    public string Episode => $"{Subject}/episodes/e1";

    public string Register => $"register/{Subject.Split('/')[1]}";

    public ReviewService.ReviewServiceClient Client => Stack.Client;

    public IReadOnlyList<string> Statements { get; private set; } = [];

    /// <summary>A new subject with one episode and two archived statements; its designation is Designated where asked for.</summary>
    public static async Task<Case> NewAsync(ReviewStack stack, bool designated = false)
    {
        var running = await stack.RunningAsync();
        var id = Some.Id("subject");
        var made = new Case(running, $"subjects/{id}");
        await running.Client.CreateSubjectAsync(
            new CreateSubjectRequest
            {
                RequestId = Some.RequestId(),
                SubjectId = id,
                Subject = new Subject { NativeName = "Людина", Script = "Cyrl", Transliterations = { "Liudyna" }, Synthetic = true }
            },
            Staff.Officer);
        await running.Client.OpenEpisodeAsync(
            new OpenEpisodeRequest
            {
                RequestId = Some.RequestId(),
                Parent = made.Subject,
                EpisodeId = "e1",
                Episode = new Episode { DetainedOn = "2021-01-17", Description = "Synthetic." }
            },
            Staff.Officer);
        made.Statements = [await running.Archive.RecordAsync(made.Subject, "s1", Text1), await running.Archive.RecordAsync(made.Subject, "s2", Text2)];
        if (designated)
        {
            await running.Client.RecordPastDesignationAsync(
                new RecordPastDesignationRequest { RequestId = Some.RequestId(), Episode = made.Episode, DesignatedOn = "2021-01-17", Source = "Synthetic." },
                    Staff.Approver);
        }

        return made;
    }

    /// <summary>The same case, in the hands of a replica.</summary>
    public Case On(Running replica) => new(replica, Subject) { Statements = Statements };

    /// <summary>Sends a request over the bus; gives the dossier it joined.</summary>
    public async Task<Dossier> AskAsync(string kind = "DELIST", string[]? cites = null, bool urgent = false, string[]? criteria = null)
    {
        var received = Some.Received(Subject, kind, criteria, cites, urgent);
        await Stack.Others.SayAsync(received);
        var judged = await Stack.Others.HeardAsync<AdmissibilityDecided>(received.Aggregate);
        Assert.True(judged.Admissible, judged.ReasonCode);
        return await DossierAsync(judged.Dossier!);
    }

    public async Task<Dossier> DossierAsync(string name) => (await Client.GetDossierAsync(new GetDossierRequest { Name = name }, Staff.Auditor)).Dossier;

    public async Task<Dossier> AttachAsync(Dossier dossier, params string[] statements) => (await Client.AttachStatementsAsync(
        new AttachStatementsRequest { RequestId = Some.RequestId(), Dossier = dossier.Name, Statements = { statements }, Etag = dossier.Etag },
            Staff.Officer)).Dossier;

    public async Task<Dossier> ReplyAsync(Dossier dossier) => (await Client.RecordRightOfReplyAsync(
        new RecordRightOfReplyRequest
        {
            RequestId = Some.RequestId(),
            Dossier = dossier.Name,
            RightOfReply = new RightOfReply
            {
                Given = false,
                Reason = "No letter was let through.",
                Dated = "2021-02-16"
            },
            Etag = dossier.Etag,
        },
        Staff.Chair)).Dossier;

    public AsyncUnaryCall<SeatPanelResponse> SeatAsync(Dossier dossier, string protocol, params string[] members) => Client.SeatPanelAsync(
        new SeatPanelRequest
        {
            RequestId = Some.RequestId(),
            Dossier = dossier.Name,
            Protocol = protocol,
            Members = { members.Select(static member => $"staff/{member}") },
            Etag = dossier.Etag
        },
        Staff.Chair);

    public AsyncUnaryCall<CastAssessmentResponse> AssessAsync(string dossier, string member, Assessment assessment) =>
        Client.CastAssessmentAsync(new CastAssessmentRequest { RequestId = Some.RequestId(), Dossier = dossier, Assessment = assessment },
            Staff.Reviewer(member));

    public AsyncUnaryCall<CastBallotResponse> VoteAsync(string dossier, string member, Choice choice) => Client.CastBallotAsync(
        new CastBallotRequest { RequestId = Some.RequestId(), Dossier = dossier, Ballot = new Ballot { Choice = choice, Reason = "For a reason." } },
            Staff.Reviewer(member));

    /// <summary>Seats a panel, has every statement assessed and every vote cast; gives the dossier with its ballots open.</summary>
    public async Task<Dossier> VotedAsync(Dossier dossier, string protocol, params (string Member, Choice Choice)[] votes)
    {
        var seated = (await SeatAsync(dossier, protocol, [.. votes.Select(static vote => vote.Member)])).Dossier;
        foreach (var (member, choice) in votes)
        {
            foreach (var statement in seated.Statements)
            {
                await AssessAsync(dossier.Name, member, Some.Assessment(statement));
            }

            await VoteAsync(dossier.Name, member, choice);
        }

        return await DossierAsync(dossier.Name);
    }

    /// <summary>A dossier to de-list, with both statements and the right of reply, whose ballots are open: three for, two against.</summary>
    public async Task<Dossier> VotedToDelistAsync(string protocol = "protocols/v1") => await VotedAsync(
        await ReplyAsync(await AttachAsync(await AskAsync(), [.. Statements])), protocol,
        ("a1", Choice.For), ("a2", Choice.For), ("a3", Choice.For), ("a4", Choice.For), ("a5", Choice.Against));

    public AsyncUnaryCall<DraftDecisionResponse> DraftAsync(Dossier dossier, Decision draft, Metadata? chair = null) => Client.DraftDecisionAsync(
        new DraftDecisionRequest { RequestId = Some.RequestId(), Dossier = dossier.Name, Decision = draft, Etag = dossier.Etag }, chair ?? Staff.Chair);

    public Decision Draft() => Some.Draft(Some.Citation(Statements[0], Text1, "compared to insects"), Some.Citation(Statements[1], Text2, "dentistry"));

    public AsyncUnaryCall<SignDecisionResponse> SignAsync(Decision decision, Metadata signer) =>
        Client.SignDecisionAsync(new SignDecisionRequest { RequestId = Some.RequestId(), Name = decision.Name, Etag = decision.Etag }, signer);

    /// <summary>Signs in both roles.</summary>
    public async Task<Decision> SignedAsync(Decision decision, Metadata? chair = null, Metadata? approver = null)
    {
        var first = await SignAsync(decision, chair ?? Staff.Chair);
        Assert.False(first.InForce);
        var second = await SignAsync(first.Decision, approver ?? Staff.Approver);
        Assert.True(second.InForce);
        return second.Decision;
    }

    /// <summary>A label that was withdrawn and is under embargo.</summary>
    public async Task<Decision> WithdrawnAsync() => await SignedAsync((await DraftAsync(await VotedToDelistAsync(), Draft())).Decision);

    /// <summary>Says that everybody was told who must be; gives the announcement.</summary>
    public async Task<DecisionAnnounced> PublishAsync(Decision decision, bool leakMode = false)
    {
        await Stack.Others.SayAsync(new RecipientPlanCompleted(
            Guid.CreateVersion7(), $"recipientPlans/{decision.Name.Split('/')[1]}", 1, TimeProvider.System.GetUtcNow(), decision.Name, leakMode));
        return await Stack.Others.HeardAsync<DecisionAnnounced>(decision.Name);
    }

    public async Task<Subject> SubjectAsync() => (await Client.GetSubjectAsync(new GetSubjectRequest { Name = Subject }, Staff.Auditor)).Subject;

    public AsyncUnaryCall<GetRegisterEntryResponse> EntryAsync(string asOf = "") =>
        Stack.Register.GetRegisterEntryAsync(new GetRegisterEntryRequest { Name = Register, AsOf = asOf });

    /// <summary>The states that the public sees of the episode.</summary>
    public async Task<IReadOnlyList<DesignationState>> SaidAsync(string asOf = "") =>
        [.. (await EntryAsync(asOf)).Entry.Episodes.SelectMany(static episode => episode.History).Select(static change => change.State)];
}
