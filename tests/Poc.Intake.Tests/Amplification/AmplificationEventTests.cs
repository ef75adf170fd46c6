using Grpc.Core;
using Poc.Contracts.Events.Intake.V1;
using Poc.Contracts.Intake.V1;
using Poc.Grpc;
using Poc.Testing;

namespace Poc.Intake.Tests.Amplification;

public sealed class AmplificationEventTests(IntakeStack stack)
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static Metadata Officer => IntakeServer.Staff(Roles.IntakeOfficer);

    [Fact]
    public async Task Is_recorded_once_told_once_and_listed_oldest_first()
    {
        var client = (await stack.IntakeAsync()).Client;
        var others = await stack.OthersAsync();
        var subject = $"subjects/{Filings.NewId()}";
        var later = new RecordAmplificationEventRequest
        {
            RequestId = Filings.NewId(),
            AmplificationEvent = new AmplificationEvent
            {
                Subject = subject,
                Description = "An account reposts a video.",
                OccurredOn = "2021-01-19",
                Url = "https://example.org/repost",
                Statement = $"{subject}/statements/s1",
                Synthetic = true,
            },
        };
        var earlier = later.Clone();
        (earlier.RequestId, earlier.AmplificationEvent.OccurredOn) = (Filings.NewId(), "2021-01-18");

        var first = await client.RecordAmplificationEventAsync(later, Officer, cancellationToken: Ended);
        var second = await client.RecordAmplificationEventAsync(earlier, Officer, cancellationToken: Ended);

        Assert.Equal(first, await client.RecordAmplificationEventAsync(later, Officer, cancellationToken: Ended));
        var expected = later.AmplificationEvent.Clone();
        expected.Name = first.AmplificationEvent.Name;
        Assert.Equal(expected, first.AmplificationEvent);
        var listed = await client.ListAmplificationEventsAsync(new ListAmplificationEventsRequest { Subject = subject }, IntakeServer.Staff(Roles.Reviewer), cancellationToken: Ended);
        Assert.Equal([second.AmplificationEvent, first.AmplificationEvent], listed.AmplificationEvents);
        await Eventually.BecomesTrueAsync(() => others.Heard.OfType<AmplificationEventRecorded>().Count(heard => heard.Subject == subject) == 2);
        var heard = others.Heard.OfType<AmplificationEventRecorded>().Single(heard => heard.Aggregate == first.AmplificationEvent.Name);
        Assert.Equal((new DateOnly(2021, 1, 19), $"{subject}/statements/s1", 1), (heard.OccurredOn, heard.Statement, heard.Version));
    }

    [Fact]
    public async Task Everything_wrong_is_said_at_once()
    {
        var client = (await stack.IntakeAsync()).Client;

        var refusal = await client.RecordAmplificationEventAsync(
            new RecordAmplificationEventRequest { RequestId = "1", AmplificationEvent = new AmplificationEvent { Subject = "x", OccurredOn = "2021-02-30", Url = "x", Statement = "x" } }, Officer, cancellationToken: Ended)
            .RefusedAsync(StatusCode.InvalidArgument, "FIELD_INVALID");

        Assert.Equal(
            ["request_id", "amplification_event.subject", "amplification_event.description", "amplification_event.occurred_on", "amplification_event.url", "amplification_event.statement"], refusal.WrongFields());
    }

    [Fact]
    public async Task Partners_neither_record_nor_read_them()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var client = partner.Server.Client;

        await client.RecordAmplificationEventAsync(new RecordAmplificationEventRequest(), partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
        await client.ListAmplificationEventsAsync(new ListAmplificationEventsRequest(), partner.Headers, cancellationToken: Ended).RefusedAsync(StatusCode.PermissionDenied, "ROLE_MISSING");
    }
}
