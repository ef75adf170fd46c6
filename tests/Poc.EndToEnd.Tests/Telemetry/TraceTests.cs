using Grpc.Net.Client;
using Poc.Contracts.Intake.V1;
using Poc.Contracts.Notification.V1;
using Poc.Story.Script;
using Poc.Story.Stack;
using Poc.Testing;

namespace Poc.EndToEnd.Tests.Telemetry;

[Collection(nameof(PlayedStack))]
public sealed class TraceTests(PlayedStack played)
{
    [Fact]
    public async Task One_trace_goes_from_the_partners_call_over_the_bus_to_the_mail()
    {
        var stack = await played.RunningAsync();
        var script = StoryScript.Load(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(LaunchedStack.Built("Story")))!, "data"));
        var credentials = new Credentials(script, File.ReadAllText(Path.Combine(stack.State, "keys", "staff.key")).Trim(), TimeProvider.System);
        await SubscribeByMailAsync(stack, credentials);

        var filed = await FileAsync(stack, credentials);

        // Exporters send in batches, and mail has its own pace.
        ReceivedSpan? call = null;
        ReceivedSpan? mail = null;
        await stack.WaitAsync(
            () =>
            {
                var spans = played.Collector.Spans;
                call = spans.FirstOrDefault(static span => span.Service == "intake" && span.Name.EndsWith("IntakeService/SubmitRequest", StringComparison.Ordinal));
                mail = spans.FirstOrDefault(span => span.Service == "notification" && span.Name == "send mail" && span.TraceId == call?.TraceId);
                return Task.FromResult(call is not null && mail is not null);
            },
            TimeSpan.FromSeconds(60),
            "a trace from SubmitRequest to a mail");

        await stack.WaitAsync(() => Task.FromResult(Ancestors(mail!).LastOrDefault() == call), TimeSpan.FromSeconds(30), "every span between the call and the mail to be received");
        var way = Ancestors(mail!);
        Assert.Contains(way, static span => span.Service == "intake" && IsBus(span));
        Assert.Contains(way, static span => span.Service == "notification" && IsBus(span));
        Assert.DoesNotContain(Trace(call!.TraceId), static span => span.Attributes.Values.Any(static value => value.Contains(Canary, StringComparison.Ordinal)));
        Assert.StartsWith("partners/section-01/requests/", filed.Request.Name, StringComparison.Ordinal);
    }

    private const string Canary = "canary-5b1c7e";

    private IEnumerable<ReceivedSpan> Trace(string id) => played.Collector.Spans.Where(span => span.TraceId == id);

    // From the span's parent up to the first of its trace that is known.
    private List<ReceivedSpan> Ancestors(ReceivedSpan span)
    {
        var byId = Trace(span.TraceId).DistinctBy(static other => other.SpanId).ToDictionary(static other => other.SpanId);
        var way = new List<ReceivedSpan>();
        for (var next = span.ParentId; byId.TryGetValue(next, out var parent) && !way.Contains(parent); next = parent.ParentId)
        {
            way.Add(parent);
        }

        return way;
    }

    private static bool IsBus(ReceivedSpan span) => span.Attributes.Keys.Any(static key => key.StartsWith("messaging.", StringComparison.Ordinal));

    private static async Task SubscribeByMailAsync(LaunchedStack stack, Credentials credentials)
    {
        using var channel = GrpcChannel.ForAddress(await stack.AddressAsync("notification", "grpc"));
        var notification = new NotificationService.NotificationServiceClient(channel);
        var administrator = credentials.Staff("administrator-1");
        await notification.CreateRecipientAsync(
            new CreateRecipientRequest
            {
                RequestId = StepId.Of("test/recipient"),
                RecipientId = "trace-reader",
                Recipient = new Recipient
                {
                    DisplayName = "Reader of the trace test",
                    Audience = Audience.Partners,
                    Email = "trace-reader@story.example",
                    Language = "en",
                    Synthetic = true,
                },
            },
            administrator, cancellationToken: TestContext.Current.CancellationToken);
        await notification.CreateSubscriptionAsync(
            new CreateSubscriptionRequest
            {
                RequestId = StepId.Of("test/subscription"),
                Parent = "recipients/trace-reader",
                Subscription = new Subscription { EventKind = EventKind.RequestReceived, Subject = "subjects/teacher-k", Channels = { Channel.Email } },
            },
            administrator, cancellationToken: TestContext.Current.CancellationToken);
    }

    private static async Task<SubmitRequestResponse> FileAsync(LaunchedStack stack, Credentials credentials)
    {
        using var channel = GrpcChannel.ForAddress(await stack.AddressAsync("intake", "grpc"));
        return await new IntakeService.IntakeServiceClient(channel).SubmitRequestAsync(
            new SubmitRequestRequest
            {
                RequestId = Guid.CreateVersion7().ToString("D"),
                Request = new Request
                {
                    Kind = RequestKind.Evidence,
                    Subject = new SubjectReference { Subject = "subjects/teacher-k" },
                    Text = $"A request to be traced. {Canary}",
                    Language = "en",
                    Relation = Relation.ThirdParty,
                    Synthetic = true,
                },
            },
            credentials.Section("section-01"), cancellationToken: TestContext.Current.CancellationToken);
    }
}
