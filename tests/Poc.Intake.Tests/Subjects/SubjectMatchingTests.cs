using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Events.Review.V1;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Kernel;
using Poc.Testing;

namespace Poc.Intake.Tests.Subjects;

public sealed class SubjectMatchingTests(IntakeStack stack)
{
    private static readonly IdSource Ids = new(TimeProvider.System);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Officer => IntakeServer.Staff(Roles.IntakeOfficer);

    [Fact]
    public async Task Names_alike_are_proposed_and_nothing_is_decided_by_that()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        await RecordAsync(partner, "subjects/teacher-bartsevich", "Ганна Барцевіч", "Hanna Bartsevich");
        await RecordAsync(partner, "subjects/poet-bartsevich", "Янка Барцевич", "Yanka Bartsevich");
        await RecordAsync(partner, "subjects/somebody-else", "王伟");

        var filed = await FileAsync(partner, "Hanna Barcevič", "Анна Барцевич");
        var answer = await CandidatesAsync(partner, filed);

        Assert.Equal(["subjects/teacher-bartsevich", "subjects/poet-bartsevich"], answer.Candidates.Select(static candidate => candidate.Subject).Order(StringComparer.Ordinal).Reverse());
        Assert.True(answer.Ambiguous);
        Assert.Equal(("Ганна Барцевіч", "Hanna Bartsevich"), (Teacher(answer).NativeName, Teacher(answer).Transliterations.Single()));
        Assert.InRange(Teacher(answer).Similarity, 0.3f, 0.999f);
        Assert.Equal((Request.Types.State.Received, ""), ((await partner.GetAsync(filed)).State, (await partner.GetAsync(filed)).ConfirmedSubject));

        var same = await CandidatesAsync(partner, await FileAsync(partner, "王伟"));
        Assert.Equal(("subjects/somebody-else", 1f, false), (same.Candidates.Single().Subject, same.Candidates.Single().Similarity, same.Ambiguous));
        Assert.Empty((await CandidatesAsync(partner, await FileAsync(partner, "Qqqq Zzzz"))).Candidates);

        static SubjectCandidate Teacher(ListSubjectCandidatesResponse answer) => answer.Candidates.Single(static candidate => candidate.Subject == "subjects/teacher-bartsevich");
    }

    [Fact]
    public async Task A_corrected_name_is_shown_and_the_old_one_still_finds_the_person()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        // The correction may come first.
        await (await stack.OthersAsync()).SayAsync(new SubjectCorrected(Ids.Next(), "subjects/renamed", 1, TimeProvider.System.GetUtcNow(), "Wxyz Neuname", "Latn", []));
        await Eventually.BecomesTrueAsync(async () => await partner.Server.Database.ScalarAsync<long>("SELECT count(*) FROM known_subject_names WHERE subject = 'subjects/renamed'") == 1);
        await (await stack.OthersAsync()).SayAsync(new SubjectRecorded(Ids.Next(), "subjects/renamed", 1, TimeProvider.System.GetUtcNow(), "Vutsr Altname", "Latn", []));
        await Eventually.BecomesTrueAsync(async () => await partner.Server.Database.ScalarAsync<long>("SELECT count(*) FROM known_subject_names WHERE subject = 'subjects/renamed'") == 2);

        foreach (var name in (string[])["Wxyz Neuname", "Vutsr Altname"])
        {
            var found = (await CandidatesAsync(partner, await FileAsync(partner, name))).Candidates.Single(static candidate => candidate.Subject == "subjects/renamed");
            Assert.Equal(("Wxyz Neuname", name), (found.NativeName, found.MatchedName));
        }
    }

    [Fact]
    public async Task What_staff_confirms_is_told_once_and_not_edited()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        await RecordAsync(partner, "subjects/confirmed", "Имя Фамилия");
        var message = Filings.Full("subjects/navalny/statements/s1");
        var answer = await partner.SubmitAsync(message);
        var confirm = new ConfirmSubjectRequest { RequestId = Filings.NewId(), Request = answer.Request.Name, Subject = "subjects/confirmed", Reason = "Same date of birth in the verdict." };

        await ConfirmAsync(partner, new(confirm) { RequestId = Filings.NewId(), Subject = "subjects/not-on-record" }).RefusedAsync(StatusCode.NotFound, "SUBJECT_UNKNOWN_HERE");
        var confirmed = await ConfirmAsync(partner, confirm);

        Assert.Equal(("subjects/confirmed", "staff/anna"), (confirmed.Confirmation.Subject, confirmed.Confirmation.ConfirmedBy));
        Assert.Equal(confirmed, await ConfirmAsync(partner, confirm));
        await ConfirmAsync(partner, new(confirm) { RequestId = Filings.NewId() }).RefusedAsync(StatusCode.AlreadyExists, "SUBJECT_ALREADY_CONFIRMED");
        var after = await partner.GetAsync(answer.Request.Name);
        Assert.Equal(("subjects/confirmed", message.Request.Subject.Description), (after.ConfirmedSubject, after.Subject.Description));
        Assert.Equal(answer, await partner.SubmitAsync(message)); // as it was filed
        Assert.Equal([answer.Request.Name], (await partner.Server.Client.ListRequestsAsync(new() { Filter = "subject = subjects/confirmed" }, partner.Headers, cancellationToken: Ended)).Requests.Select(static found => found.Name));
        var others = await stack.OthersAsync();
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<RequestSubjectConfirmed>().Any(heard => heard.Aggregate == answer.Request.Name));
        var told = others.Heard.OfType<RequestSubjectConfirmed>().First(heard => heard.Aggregate == answer.Request.Name);
        Assert.Equal(("subjects/confirmed", "DESIGNATE", answer.Request.ReceivedAt.ToDateTimeOffset(), true), (told.Subject, told.Kind, told.ReceivedAt, told.Urgent));
        Assert.Equal(["subjects/navalny/statements/s1"], told.CitedStatements);
    }

    [Fact]
    public async Task Nobody_on_record_is_an_answer_too()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var filed = await FileAsync(partner, "Qqqq Zzzz");

        await ConfirmAsync(partner, new() { RequestId = Filings.NewId(), Request = filed, Reason = "Not found anywhere." });

        var others = await stack.OthersAsync();
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<RequestSubjectConfirmed>().Any(heard => heard.Aggregate == filed && heard.Subject is null));
    }

    [Fact]
    public async Task A_request_that_names_its_subject_or_is_closed_takes_no_confirmation()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var named = (await partner.SubmitAsync(Filings.Delist())).Request.Name;
        var taken = await FileAsync(partner, "Имя");
        await partner.SubmitAsync(Filings.Withdraw(taken));

        await CandidatesAsync(partner, named).RefusedAsync(StatusCode.FailedPrecondition, "SUBJECT_NAMED");
        await ConfirmAsync(partner, new() { RequestId = Filings.NewId(), Request = named, Reason = "x" }).RefusedAsync(StatusCode.FailedPrecondition, "SUBJECT_NAMED");
        await ConfirmAsync(partner, new() { RequestId = Filings.NewId(), Request = taken, Reason = "x" }).RefusedAsync(StatusCode.FailedPrecondition, "REQUEST_CLOSED");
        await CandidatesAsync(partner, $"{partner.Name}/requests/{Filings.NewId()}").RefusedAsync(StatusCode.NotFound, "REQUEST_NOT_FOUND");
        await partner.Server.Subjects.ConfirmSubjectAsync(new(), partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
    }

    private async Task RecordAsync(TestPartner partner, string subject, string name, params string[] transliterations)
    {
        await (await stack.OthersAsync()).SayAsync(new SubjectRecorded(Ids.Next(), subject, 1, TimeProvider.System.GetUtcNow(), name, "Zyyy", transliterations));
        await Eventually.BecomesTrueAsync(async () => await partner.Server.Database.ScalarAsync<long>("SELECT count(*) FROM known_subject_names WHERE subject = $1", subject) == 1 + transliterations.Length);
    }

    private static async Task<string> FileAsync(TestPartner partner, string name, params string[] transliterations)
    {
        var message = Filings.Delist();
        message.Request.Subject = new SubjectReference { Description = new SubjectDescription { NativeName = name, Transliterations = { transliterations } } };
        return (await partner.SubmitAsync(message)).Request.Name;
    }

    private static async Task<ListSubjectCandidatesResponse> CandidatesAsync(TestPartner partner, string request) =>
        await partner.Server.Subjects.ListSubjectCandidatesAsync(new() { Request = request }, Officer, cancellationToken: Ended);

    private static async Task<ConfirmSubjectResponse> ConfirmAsync(TestPartner partner, ConfirmSubjectRequest message) =>
        await partner.Server.Subjects.ConfirmSubjectAsync(message, Officer, cancellationToken: Ended);
}
