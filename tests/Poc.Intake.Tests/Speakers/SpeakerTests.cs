using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Testing;

namespace Poc.Intake.Tests.Speakers;

public sealed class SpeakerTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Officer => IntakeServer.Staff(Roles.IntakeOfficer);

    [Fact]
    public async Task A_person_who_is_asked_by_mail_and_confirms_makes_the_request_verified()
    {
        var (partner, counsel) = await CounselAsync();
        var filed = await FileAsync(partner);
        Assert.Equal(SpeakerStanding.Unverified, filed.SpeakerStanding);
        var ask = new AskSpeakerRequest { RequestId = Filings.NewId(), Request = filed.Name, Speaker = counsel.Name };

        var asked = (await partner.Server.Speakers.AskSpeakerAsync(ask, Officer, cancellationToken: Ended)).Check;
        Assert.Equal(asked, (await partner.Server.Speakers.AskSpeakerAsync(ask, Officer, cancellationToken: Ended)).Check);
        Assert.Equal((SpeakerStanding.Unverified, "mail", null), (asked.Outcome, asked.How, asked.AnsweredAt));
        var told = await ToldAsync(asked);
        Assert.Equal(("recipients/counsel-1", 32), (told.Recipient, told.Code.Length));

        var answered = await AnswerAsync(partner, told.Code, confirms: true);

        Assert.Equal(answered, await AnswerAsync(partner, told.Code, confirms: false)); // the first answer counts
        Assert.Equal(SpeakerStanding.Verified, (await partner.GetAsync(filed.Name)).SpeakerStanding);
        var check = Assert.Single((await partner.Server.Speakers.ListSpeakerChecksAsync(new() { Request = filed.Name }, IntakeServer.Staff(Roles.Reviewer), cancellationToken: Ended)).Checks);
        Assert.Equal((SpeakerStanding.Verified, answered.AnsweredAt), (check.Outcome, check.AnsweredAt));
        Assert.Empty(await IncidentsAsync(partner, counsel));
        await AnswerAsync(partner, told.Code + "x", confirms: true).RefusedAsync(StatusCode.NotFound, "SPEAKER_CODE_UNKNOWN");
    }

    [Fact]
    public async Task A_denial_is_a_mismatch_and_opens_an_incident_that_somebody_closes()
    {
        var (partner, counsel) = await CounselAsync();
        var filed = await FileAsync(partner);
        var asked = (await partner.Server.Speakers.AskSpeakerAsync(new() { RequestId = Filings.NewId(), Request = filed.Name, Speaker = counsel.Name }, Officer, cancellationToken: Ended)).Check;

        await AnswerAsync(partner, (await ToldAsync(asked)).Code, confirms: false);

        Assert.Equal(SpeakerStanding.Mismatch, (await partner.GetAsync(filed.Name)).SpeakerStanding);
        var incident = Assert.Single(await IncidentsAsync(partner, counsel));
        Assert.Equal((filed.Name, counsel.Name, "speakers", ImpostorIncident.Types.State.Open), (incident.Request, incident.Speaker, incident.OpenedBy, incident.State));
        var others = await stack.OthersAsync();
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<ImpostorIncidentOpened>().Any(heard => heard.Aggregate == incident.Name && heard.Request == filed.Name && heard.Speaker == counsel.Name));

        var close = new CloseImpostorIncidentRequest { RequestId = Filings.NewId(), Name = incident.Name, Resolution = "The partner's account was taken over; its keys are revoked." };
        var closed = (await partner.Server.Speakers.CloseImpostorIncidentAsync(close, Officer, cancellationToken: Ended)).Incident;
        Assert.Equal((ImpostorIncident.Types.State.Closed, close.Resolution, "staff/anna"), (closed.State, closed.Resolution, closed.ClosedBy));
        Assert.Equal(closed, (await partner.Server.Speakers.GetImpostorIncidentAsync(new() { Name = incident.Name }, IntakeServer.Staff(Roles.Auditor), cancellationToken: Ended)).Incident);
        await partner.Server.Speakers.CloseImpostorIncidentAsync(new(close) { RequestId = Filings.NewId() }, Officer, cancellationToken: Ended).RefusedAsync(StatusCode.FailedPrecondition, "INCIDENT_CLOSED");

        // One who said yes does not outweigh the one who said no.
        await RecordAsync(partner, filed.Name, counsel.Name, confirms: true);
        Assert.Equal(SpeakerStanding.Mismatch, (await partner.GetAsync(filed.Name)).SpeakerStanding);
    }

    [Fact]
    public async Task What_was_said_by_telephone_is_recorded_by_staff()
    {
        var (partner, counsel) = await CounselAsync();
        var (mine, forged) = ((await FileAsync(partner)).Name, (await FileAsync(partner)).Name);

        await RecordAsync(partner, mine, counsel.Name, confirms: true);
        await RecordAsync(partner, forged, counsel.Name, confirms: false);

        Assert.Equal((SpeakerStanding.Verified, SpeakerStanding.Mismatch), ((await partner.GetAsync(mine)).SpeakerStanding, (await partner.GetAsync(forged)).SpeakerStanding));
        Assert.Equal((forged, "staff/anna"), (Assert.Single(await IncidentsAsync(partner, counsel)).Request, Assert.Single(await IncidentsAsync(partner, counsel)).OpenedBy));
    }

    [Fact]
    public async Task Only_channels_registered_beforehand_of_those_who_may_speak_count()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var subject = $"subjects/speaker-{partner.Name["partners/".Length..]}";
        var filed = await FileAsync(partner, subject);
        var late = await RegisterAsync(partner, subject, "recipients/late", "");
        var later = (await FileAsync(partner, subject)).Name;
        var third = (await partner.SubmitAsync(Filings.Delist())).Request;
        var elsewhere = await RegisterAsync(partner, "subjects/somebody-else", "", "+4712345678");

        Assert.Equal(SpeakerStanding.Unspecified, third.SpeakerStanding);
        await AskAsync(filed.Name, late).RefusedAsync(StatusCode.FailedPrecondition, "SPEAKER_REGISTERED_LATER");
        await AskAsync(third.Name, late).RefusedAsync(StatusCode.FailedPrecondition, "SPEAKER_CLAIM_MISSING");
        await AskAsync(later, elsewhere).RefusedAsync(StatusCode.NotFound, "SPEAKER_NOT_FOUND");
        await RecordAsync(partner, later, late, confirms: true).RefusedAsync(StatusCode.FailedPrecondition, "SPEAKER_CHANNEL_MISSING");
        var end = new EndSpeakerRequest { RequestId = Filings.NewId(), Name = late, Reason = "Mandate withdrawn." };
        Assert.NotNull((await partner.Server.Speakers.EndSpeakerAsync(end, Officer, cancellationToken: Ended)).Speaker.EndedAt);
        await AskAsync(later, late).RefusedAsync(StatusCode.FailedPrecondition, "SPEAKER_ENDED");
        await partner.Server.Speakers.EndSpeakerAsync(new(end) { RequestId = Filings.NewId() }, Officer, cancellationToken: Ended).RefusedAsync(StatusCode.FailedPrecondition, "SPEAKER_ENDED");
        var listed = Assert.Single((await partner.Server.Speakers.ListSpeakersAsync(new() { Parent = subject }, IntakeServer.Staff(Roles.Auditor), cancellationToken: Ended)).Speakers);
        Assert.Equal((late, "Mandate withdrawn."), (listed.Name, listed.EndReason));

        AsyncUnaryCall<AskSpeakerResponse> AskAsync(string request, string speaker) =>
            partner.Server.Speakers.AskSpeakerAsync(new() { RequestId = Filings.NewId(), Request = request, Speaker = speaker }, Officer, cancellationToken: Ended);
    }

    [Fact]
    public async Task A_code_whose_time_is_over_answers_nothing()
    {
        await stack.IntakeAsync();
        await using var replica = await stack.ReplicaAsync(("Intake:SpeakerCodeLifetime", "00:00:01"));
        var (shared, counsel) = await CounselAsync();
        var partner = shared with { Server = replica };
        var filed = (await FileAsync(partner)).Name;
        var asked = (await replica.Speakers.AskSpeakerAsync(new() { RequestId = Filings.NewId(), Request = filed, Speaker = counsel.Name }, Officer, cancellationToken: Ended)).Check;
        var code = (await ToldAsync(asked)).Code;

        await Eventually.BecomesTrueAsync(() => TimeProvider.System.GetUtcNow() > asked.ExpiresAt.ToDateTimeOffset());

        await AnswerAsync(partner, code, confirms: true).RefusedAsync(StatusCode.NotFound, "SPEAKER_CODE_UNKNOWN");
        Assert.Equal(SpeakerStanding.Unverified, (await partner.GetAsync(filed)).SpeakerStanding);
    }

    [Fact]
    public async Task A_contact_of_another_kind_is_put_on_record_and_listed_page_by_page()
    {
        var (partner, counsel) = await CounselAsync();
        var subject = counsel.Name[..counsel.Name.IndexOf("/speakers/", StringComparison.Ordinal)];
        var opened = new List<ImpostorIncident>();
        for (var i = 0; i < 3; i++)
        {
            opened.Add((await partner.Server.Speakers.OpenImpostorIncidentAsync(
                new() { RequestId = Filings.NewId(), Incident = new ImpostorIncident { Subject = subject, Speaker = i == 0 ? counsel.Name : "", Description = "A video call by somebody made up as the aide." } },
                IntakeServer.Staff(Roles.Spokesperson), cancellationToken: Ended)).Incident);
        }

        var first = await partner.Server.Speakers.ListImpostorIncidentsAsync(new() { Subject = subject, PageSize = 2, State = ImpostorIncident.Types.State.Open }, Officer, cancellationToken: Ended);
        var second = await partner.Server.Speakers.ListImpostorIncidentsAsync(
            new() { Subject = subject, PageSize = 2, State = ImpostorIncident.Types.State.Open, PageToken = first.NextPageToken }, Officer, cancellationToken: Ended);

        Assert.Equal(Enumerable.Reverse(opened), first.Incidents.Concat(second.Incidents));
        Assert.Equal((counsel.Name, ""), (opened[0].Speaker, opened[1].Request));
        await partner.Server.Speakers.GetImpostorIncidentAsync(new() { Name = $"impostorIncidents/{Filings.NewId()}" }, Officer, cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "INCIDENT_NOT_FOUND");
    }

    [Fact]
    public async Task Every_wrong_field_is_named_and_partners_do_not_see_the_register()
    {
        var intake = await stack.IntakeAsync();
        var partner = await intake.NewPartnerAsync();

        var refusal = await intake.Speakers.RegisterSpeakerAsync(
            new() { RequestId = "7", Parent = "subjects/", Speaker = new Speaker { DisplayName = "a\u202Eb", Phone = "112" } }, Officer, cancellationToken: Ended).RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(["request_id", "parent", "speaker.display_name", "speaker.capacity", "speaker.phone", "speaker.basis"], refusal.WrongFields());
        await intake.Speakers.ListSpeakersAsync(new() { Parent = "subjects/x" }, partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
        await intake.Speakers.ListSpeakerChecksAsync(new(), partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
    }

    // A partner and counsel who is registered before anything is filed.
    private async Task<(TestPartner Partner, Speaker Counsel)> CounselAsync()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var subject = $"subjects/speaker-{partner.Name["partners/".Length..]}";
        return (partner, new Speaker { Name = await RegisterAsync(partner, subject, "recipients/counsel-1", "+4712345678") });
    }

    private static async Task<string> RegisterAsync(TestPartner partner, string subject, string recipient, string phone) =>
        (await partner.Server.Speakers.RegisterSpeakerAsync(
            new()
            {
                RequestId = Filings.NewId(),
                Parent = subject,
                Speaker = new Speaker { DisplayName = "Counsel (synthetic)", Capacity = Speaker.Types.Capacity.Counsel, Recipient = recipient, Phone = phone, Basis = "Power of attorney, seen." },
            },
            Officer, cancellationToken: Ended)).Speaker.Name;

    private static async Task<Request> FileAsync(TestPartner partner, string? subject = null)
    {
        var message = Filings.Delist();
        message.Request.Relation = Relation.Counsel;
        message.Request.Subject = new SubjectReference { Subject = subject ?? $"subjects/speaker-{partner.Name["partners/".Length..]}" };
        return (await partner.SubmitAsync(message)).Request;
    }

    private async Task<SpeakerAsked> ToldAsync(SpeakerCheck asked)
    {
        var others = await stack.OthersAsync();
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<SpeakerAsked>().Any(heard => heard.Aggregate == asked.Name));
        return others.Heard.OfType<SpeakerAsked>().First(heard => heard.Aggregate == asked.Name);
    }

    private static async Task<AnswerSpeakerCheckResponse> AnswerAsync(TestPartner partner, string code, bool confirms) =>
        await partner.Server.Speakers.AnswerSpeakerCheckAsync(new() { Code = code, Confirms = confirms }, cancellationToken: Ended);

    private static async Task<RecordSpeakerCheckResponse> RecordAsync(TestPartner partner, string request, string speaker, bool confirms) =>
        await partner.Server.Speakers.RecordSpeakerCheckAsync(
            new() { RequestId = Filings.NewId(), Request = request, Speaker = speaker, Confirms = confirms, How = "Called on the registered number." }, Officer, cancellationToken: Ended);

    private static async Task<IReadOnlyList<ImpostorIncident>> IncidentsAsync(TestPartner partner, Speaker counsel) =>
        (await partner.Server.Speakers.ListImpostorIncidentsAsync(
            new() { Subject = counsel.Name[..counsel.Name.IndexOf("/speakers/", StringComparison.Ordinal)] }, Officer, cancellationToken: Ended)).Incidents;
}
