using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Poc.Contracts.Events.Notification.V1;
using Poc.Contracts.Notification.V1;
using Poc.LocalHost.Processes;
using Poc.Testing;
using static Poc.Notification.Tests.NotificationStack;

namespace Poc.Notification.Tests.Deliveries;

public sealed class MailSenderTests(SharedStack shared)
{
    private readonly NotificationStack _stack = shared.Value;

    [Fact]
    public async Task Sends_what_waited_when_the_server_is_back_and_takes_no_attempt_from_it()
    {
        await using var stack = await StartAsync();
        await stack.Mail.StopAsync();
        var (first, second) = (await stack.RecipientAsync(Audience.Sections), await stack.RecipientAsync(Audience.Sections));
        var decision = NewDecision();
        await stack.PrepareAsync(decision, ([first, second], []));

        await stack.PublishAsync(Events.DecisionSigned(decision));
        await Eventually.BecomesTrueAsync(async () => await HealthAsync(stack) is var health && health.Contains("\"smtp\":\"Degraded\"", StringComparison.Ordinal));
        Assert.All(await stack.DeliveriesAsync(decision), static delivery => Assert.Equal((Delivery.Types.State.Queued, 0), (delivery.State, delivery.Attempts)));

        await stack.Mail.StartAsync();
        await stack.MailAsync(first);
        await stack.MailAsync(second);
        await Eventually.BecomesTrueAsync(
            async () => (await stack.DeliveriesAsync(decision)).All(static delivery => delivery is { State: Delivery.Types.State.Sent, Attempts: 1 }));
        Assert.Contains("\"smtp\":\"Healthy\"", await HealthAsync(stack), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sends_after_a_restart_what_was_queued_before_it()
    {
        await using var stack = await StartAsync();
        await stack.Mail.StopAsync();
        var section = await stack.RecipientAsync(Audience.Sections);
        var decision = NewDecision();
        await stack.PrepareAsync(decision, ([section], []));
        await stack.PublishAsync(Events.DecisionSigned(decision));

        await stack.RestartAsync();
        await stack.Mail.StartAsync();

        await stack.MailAsync(section);
    }

    [Fact]
    public async Task Tries_again_after_a_passing_refusal_with_the_same_message_id()
    {
        await using var stack = await StartAsync();
        var section = await stack.RecipientAsync(Audience.Sections);
        var decision = NewDecision();
        await stack.PrepareAsync(decision, ([section], []));
        stack.Mail.RefuseNext(3);

        await stack.PublishAsync(Events.DecisionSigned(decision));

        var mail = Assert.Single(await stack.MailAsync(section));
        Delivery delivery = new();
        await Eventually.BecomesTrueAsync(async () => (delivery = Assert.Single(await stack.DeliveriesAsync(decision))).State == Delivery.Types.State.Sent);
        Assert.Equal(4, delivery.Attempts);
        Assert.Equal($"{delivery.Name["deliveries/".Length..]}@poc.example", mail.MessageId);
        Assert.Equal(
            "1:451 2:451 3:451 4:250",
            await stack.Database.ScalarAsync<string>("SELECT string_agg(attempt || ':' || code, ' ' ORDER BY attempt) FROM delivery_attempts"));
    }

    [Fact]
    public async Task Gives_up_after_all_attempts_and_says_so_once()
    {
        await using var stack = await StartAsync(settings: ["Mail:MaxAttempts=3"]);
        var failed = await stack.TapAsync<DeliveryFailed>();
        var section = await stack.RecipientAsync(Audience.Sections);
        var decision = NewDecision();
        await stack.PrepareAsync(decision, ([section], []));
        stack.Mail.RefuseNext(1000);

        await stack.PublishAsync(Events.DecisionSigned(decision));

        Delivery delivery = new();
        await Eventually.BecomesTrueAsync(async () => (delivery = Assert.Single(await stack.DeliveriesAsync(decision))).State == Delivery.Types.State.Dead);
        Assert.Equal(3, delivery.Attempts);
        var @event = Assert.Single(await failed.AboutAsync(delivery.Name, 1));
        Assert.Equal((1L, section.Name, "EMAIL", "451"), (@event.Version, @event.Recipient, @event.Channel, @event.Code));
        Assert.Empty(await stack.Mail.MessagesToAsync(section.Email));
    }

    [Fact]
    public async Task Gives_up_at_once_when_the_server_refuses_the_recipient_for_good()
    {
        using var server = new RefusingServer();
        await using var stack = await StartAsync(settings: [$"Mail:Smtp=127.0.0.1:{server.Port}"]);
        var section = await stack.RecipientAsync(Audience.Sections);
        var decision = NewDecision();
        await stack.PrepareAsync(decision, ([section], []));

        await stack.PublishAsync(Events.DecisionSigned(decision));

        await Eventually.BecomesTrueAsync(async () => Assert.Single(await stack.DeliveriesAsync(decision)) is { State: Delivery.Types.State.Dead, Attempts: 1 });
        // The server's text repeats the address, as real ones do; only its code may be kept.
        Assert.DoesNotContain(stack.Evidence.Texts, text => text.Contains(section.Email, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Refuses_at_sending_an_address_that_no_rule_of_registration_saw()
    {
        await using var stack = await StartAsync();
        var section = await stack.RecipientAsync(Audience.Sections);
        await stack.Database.ExecuteAsync("ALTER TABLE recipients DROP CONSTRAINT ck_recipients_email_one_line");
        await stack.Database.ExecuteAsync("UPDATE recipients SET email = $1", "a@story.example\r\nBcc: b@story.example");
        var decision = NewDecision();
        await stack.PrepareAsync(decision, ([section], []));

        await stack.PublishAsync(Events.DecisionSigned(decision));

        await Eventually.BecomesTrueAsync(async () => Assert.Single(await stack.DeliveriesAsync(decision)).State == Delivery.Types.State.Dead);
        Assert.Empty(await stack.Mail.BytesAsync());
        Assert.Equal("ADDRESS_UNSAFE", await stack.Database.ScalarAsync<string>("SELECT code FROM delivery_attempts"));
    }

    [Fact]
    public async Task Sends_each_mail_once_with_two_replicas()
    {
        await using var first = await StartAsync();
        await using var second = await StartAsync(database: first.Database, mail: first.Mail);
        var subject = NewSubject();
        var partners = new List<Recipient>();
        for (var i = 0; i < 8; i++)
        {
            partners.Add(await first.RecipientAsync(Audience.Partners));
            await first.SubscribeAsync(partners[i], EventKind.DecisionAnnounced, subject, Channel.Email);
        }

        for (var i = 0; i < 5; i++)
        {
            await (i % 2 == 0 ? first : second).PublishAsync(Events.DecisionAnnounced(subject));
        }

        foreach (var partner in partners)
        {
            Assert.Equal(5, (await first.MailAsync(partner, 5)).Select(static mail => mail.MessageId).Distinct().Count());
        }

        Assert.Equal(40L, await first.Database.ScalarAsync<long>("SELECT count(*) FROM deliveries WHERE attempts = 1"));
    }

    [Fact]
    public async Task Takes_over_the_mail_of_a_replica_that_died_when_its_lease_ends()
    {
        await using var stack = await StartAsync();
        await stack.Mail.StopAsync();
        var section = await stack.RecipientAsync(Audience.Sections);
        var decision = NewDecision();
        await stack.PrepareAsync(decision, ([section], []));
        await stack.PublishAsync(Events.DecisionSigned(decision));
        // As a replica leaves it that was killed in the middle of an attempt: leased, tried once, no outcome.
        Assert.Equal(1, await stack.Database.ExecuteAsync("UPDATE deliveries SET lease = gen_random_uuid(), attempts = 1, next_attempt_at = now() + interval '600 ms'"));

        await stack.Mail.StartAsync();

        await stack.MailAsync(section);
        await Eventually.BecomesTrueAsync(async () => Assert.Single(await stack.DeliveriesAsync(decision)) is { State: Delivery.Types.State.Sent, Attempts: 2 });
    }

    [Fact]
    public async Task Continues_the_trace_of_the_event_to_the_mail()
    {
        var subject = NewSubject();
        var partner = await _stack.RecipientAsync(Audience.Partners);
        await _stack.SubscribeAsync(partner, EventKind.RequestReceived, subject, Channel.Email);
        using var source = new ActivitySource("Poc.Notification.Tests");
        ActivityTraceId trace;
        using (var call = source.StartActivity("a partner's call", ActivityKind.Server, default(ActivityContext)))
        {
            trace = call!.TraceId;
            await _stack.PublishAsync(Events.RequestReceived(subject));
        }

        await _stack.MailAsync(partner);
        await Eventually.BecomesTrueAsync(() => _stack.Evidence.Activities.Any(activity => activity.OperationName == "send mail" && activity.TraceId == trace));
        var send = _stack.Evidence.Activities.Single(activity => activity.OperationName == "send mail" && activity.TraceId == trace);
        var consume = _stack.Evidence.Activities.Single(activity => activity.SpanId == send.ParentSpanId);
        Assert.Equal(("MassTransit", trace), (consume.Source.Name, consume.TraceId));
        var delivery = Assert.Single(await _stack.DeliveriesToAsync(partner));
        Assert.Equal(delivery.Name, send.GetTagItem("poc.delivery"));
    }

    private static async Task<string> HealthAsync(NotificationStack stack)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync($"http://127.0.0.1:{stack.WebPort}/health");
    }

    // A server that refuses every recipient for good, with the recipient's address in its text.
    private sealed class RefusingServer : IDisposable
    {
        private readonly TcpListener _listener;

        public RefusingServer()
        {
            Port = LoopbackPorts.Take();
            _listener = new TcpListener(System.Net.IPAddress.Loopback, Port);
            _listener.Start();
            _ = ServeAsync();
        }

        public int Port { get; }

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    await TalkAsync(client.GetStream());
                }
            }
            catch (Exception ended) when (ended is ObjectDisposedException or SocketException or IOException)
            {
                // The test is over.
            }
        }

        private static async Task TalkAsync(NetworkStream stream)
        {
            using var reader = new StreamReader(stream, Encoding.UTF8);
            await using var writer = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 refusing.example");
            while (await reader.ReadLineAsync() is { } line)
            {
                await writer.WriteLineAsync(line.StartsWith("RCPT", StringComparison.OrdinalIgnoreCase) ? $"550 5.1.1 {line["RCPT TO:".Length..]} is unknown" : "250 ok");
            }
        }
    }
}
