using Grpc.Core;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Intake.Admissibility;
using Poc.Intake.Consumers;
using Poc.Intake.Requests;
using Poc.Intake.Tests.Attachments;
using Poc.Postgres;

namespace Poc.Intake.Tests.Admissibility;

public sealed class AdmissibilityTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repeat_shows_what_it_brings()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var other = await partner.Server.NewPartnerAsync();
        var subject = $"subjects/repeated-{partner.Name["partners/".Length..]}";
        var bytes = Upload.Pdf(200);
        var first = await FileAsync(partner, subject, "Same words. Old words.", bytes);
        var takenBack = await FileAsync(partner, subject, "Taken back.");
        await partner.SubmitAsync(Filings.Withdraw(takenBack));
        var copy = await FileAsync(other, subject, "Same words. Old words.");
        var more = await FileAsync(other, subject, "Same words! Taken back. New words.", bytes, Upload.Pdf(300), link: "https://example.org/new");

        var none = await RepetitionAsync(partner, first);
        Assert.Empty(none.EarlierRequests);
        Assert.Equal((false, 0), (none.NothingNew, none.Residue.Count));
        var repeated = await RepetitionAsync(partner, copy);
        Assert.Equal([first], repeated.EarlierRequests);
        Assert.Equal((true, true, 0), (repeated.SameText, repeated.NothingNew, repeated.Residue.Count));
        var brings = await RepetitionAsync(partner, more);
        Assert.Equal([copy, first], brings.EarlierRequests);
        Assert.Equal(["https://example.org/new"], brings.NewLinks);
        Assert.Equal((await partner.Server.Client.GetRequestAsync(new() { Name = more }, IntakeServer.Staff(Roles.Reviewer), cancellationToken: Ended)).Request.Attachments[1], Assert.Single(brings.NewAttachments));
        Assert.Equal("Taken back. New words.", Assert.Single(brings.Residue).Text);
        Assert.Equal((false, false, false), (brings.SameText, brings.NothingNew, brings.ResiduePartial));
        Assert.Empty(brings.NewCriteria);
        Assert.Empty(brings.NewStatements);
    }

    [Fact]
    public async Task A_described_person_has_no_earlier_requests_until_staff_says_who_it_is()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var described = (await partner.SubmitAsync(Filings.Full())).Request.Name;

        await RepetitionAsync(partner, described).RefusedAsync(StatusCode.FailedPrecondition, "SUBJECT_UNCONFIRMED");
        await RepetitionAsync(partner, $"{partner.Name}/requests/{Filings.NewId()}").RefusedAsync(StatusCode.NotFound, "REQUEST_NOT_FOUND");
    }

    [Fact]
    public async Task A_partners_record_stands_beside_the_base_rate()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var other = await partner.Server.NewPartnerAsync();
        for (var i = 0; i < 4; i++)
        {
            await DecideAsync(partner, i == 0 ? "LABEL_WITHDRAWN" : "MAINTAINED");
        }

        await DecideAsync(other, "LABEL_WITHDRAWN");
        await partner.SubmitAsync(Filings.Delist()); // not decided: it does not count

        var record = await RecordAsync(partner.Name);

        Assert.Equal((4, 1, 0.25), (record.DecidedCount, record.GrantedCount, record.GrantedShare));
        Assert.InRange(record.ShareLow, 0.04, 0.05);
        Assert.InRange(record.ShareHigh, 0.69, 0.71);
        Assert.True(record.BaseCount >= 1);
        Assert.InRange(record.BaseShare, 0, 1);
        Assert.Equal((1, 1), ((await RecordAsync(other.Name)).DecidedCount, (await RecordAsync(other.Name)).GrantedCount));
        await partner.Server.Admissibility.GetPartnerRecordAsync(new() { Partner = "partners/nobody" }, IntakeServer.Staff(Roles.Auditor), cancellationToken: Ended).RefusedAsync(StatusCode.NotFound, "PARTNER_NOT_FOUND");
        await partner.Server.Admissibility.GetPartnerRecordAsync(new() { Partner = partner.Name }, IntakeServer.Staff(Roles.Reviewer), cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");

        async Task<PartnerRecord> RecordAsync(string name) =>
            (await partner.Server.Admissibility.GetPartnerRecordAsync(new() { Partner = name }, IntakeServer.Staff(Roles.IntakeOfficer), cancellationToken: Ended)).Record;
    }

    // Published values: hits, cases, low, high.
    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(0, 10, 0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1)]
    [InlineData(81, 263, 0.2553, 0.3662)]
    public void The_interval_is_wilsons(int hits, int cases, double low, double high)
    {
        var interval = WilsonInterval.Of(hits, cases);

        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    private static async Task DecideAsync(TestPartner partner, string outcome)
    {
        var request = (await partner.SubmitAsync(Filings.Delist())).Request.Name;
        var dossier = $"dossiers/{Filings.NewId()}";
        var inbox = partner.Server.Service<Inbox>();
        await inbox.ApplyAsync(Judgements.Admissible(request, dossier), nameof(AdmissibilityDecidedConsumer), partner.Server.Service<ApplyAdmissibility>().HandleAsync, Ended);
        await inbox.ApplyAsync(Judgements.Announced(dossier, outcome), nameof(DecisionAnnouncedConsumer), partner.Server.Service<AnswerRequests>().HandleAsync, Ended);
    }

    private static async Task<string> FileAsync(TestPartner partner, string subject, string text, byte[]? file = null, byte[]? second = null, string? link = null)
    {
        var message = Filings.Delist(text);
        message.Request.Subject = new SubjectReference { Subject = subject };
        foreach (var bytes in new[] { file, second }.OfType<byte[]>())
        {
            message.Request.Attachments.Add((await partner.AttachAsync(bytes)).Name);
        }

        if (link is not null)
        {
            message.Request.Links.Add(link);
        }

        return (await partner.SubmitAsync(message)).Request.Name;
    }

    private static async Task<Repetition> RepetitionAsync(TestPartner partner, string request) =>
        (await partner.Server.Admissibility.GetRepetitionAsync(new() { Request = request }, IntakeServer.Staff(Roles.Reviewer), cancellationToken: Ended)).Repetition;
}
