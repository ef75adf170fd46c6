using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Google.Rpc;
using Grpc.Core;
using Grpc.Net.Client;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MimeKit;
using Poc.Contracts.Events;
using Poc.Contracts.Notification.V1;
using Poc.Grpc;
using Poc.LocalHost.Processes;
using Poc.LocalHost.Servers;
using Poc.Notification.Deliveries;
using Poc.Testing;
using Xunit.Sdk;

namespace Poc.Notification.Tests;

/// <summary>The stack that most tests share.</summary>
public sealed class SharedStack : IAsyncLifetime
{
    private NotificationStack? _stack;

    internal NotificationStack Value => _stack ?? throw new InvalidOperationException("The stack is not running.");

    public async ValueTask InitializeAsync() => _stack = await NotificationStack.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_stack is not null)
        {
            await _stack.DisposeAsync();
        }
    }
}

/// <summary>
/// Notification on real servers: PostgreSQL, RabbitMQ, a Redis-protocol server and the mail sink. Called over gRPC as clients call it, told of events over the
/// bus as other services tell it.
/// </summary>
internal sealed class NotificationStack : IAsyncDisposable
{
    private readonly VirtualHost _bus;
    private readonly string _redis;
    private readonly string _staffKey;
    private readonly string[] _settings;
    private readonly bool _owns;
    private readonly ConsumedEvents _consumed = new();
    private readonly GrpcChannel _channel;
    private WebApplication _app;

    private NotificationStack(TestDatabase database, VirtualHost bus, string redis, MailSinkHost mail, bool owns, string[] settings)
    {
        (Database, _bus, _redis, Mail, _owns, _settings) = (database, bus, redis, mail, owns, settings);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _staffKey = Convert.ToBase64String(key.ExportPkcs8PrivateKey());
        StaffPublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
        _app = Build();
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{GrpcPort}");
        Client = new NotificationService.NotificationServiceClient(_channel);
    }

    public TestDatabase Database { get; }

    public MailSinkHost Mail { get; }

    public Evidence Evidence { get; } = new();

    public NotificationService.NotificationServiceClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public int GrpcPort { get; } = LoopbackPorts.Take();

    public int WebPort { get; } = LoopbackPorts.Take();

    private string StaffPublicKey { get; }

    /// <param name="redis">A server of the test's own, to be killed; the shared one when not given.</param>
    /// <param name="database">A database that another replica uses too; a new one when not given.</param>
    /// <param name="mail">A sink that another replica uses too; a new, running one when not given.</param>
    /// <param name="settings">Configuration, <c>Section:Key=value</c>.</param>
    public static async Task<NotificationStack> StartAsync(
        RedisServer? redis = null, TestDatabase? database = null, MailSinkHost? mail = null, params string[] settings)
    {
        var owns = database is null;
        var bus = await VirtualHost.CreateAsync();
        if (mail is null)
        {
            mail = new MailSinkHost();
            await mail.StartAsync();
        }

        var stack = new NotificationStack(
            database ?? await TestDatabase.CreateAsync("notificationdb"), bus, (redis ?? await Servers.RedisAsync()).ConnectionString, mail, owns, settings);
        await stack._app.StartAsync();
        await stack.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(60));
        return stack;
    }

    /// <summary>Ends the process's service in order and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = Build();
        await _app.StartAsync();
        await Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, TimeSpan.FromSeconds(60));
    }

    /// <summary>A credential of a member of staff.</summary>
    public Metadata As(string staff, params string[] roles) =>
        new() { { "authorization", $"Bearer {DevelopmentTokens.Mint(_staffKey, staff, roles, TimeSpan.FromMinutes(30), TimeProvider.System)}" } };

    public Metadata Administrator => As("administrator-1", Roles.Administrator);

    public Metadata Spokesperson => As("spokesperson-1", Roles.Spokesperson);

    public Metadata Auditor => As("auditor-1", Roles.Auditor);

    /// <summary>Sends an event as another service would, and waits until it was consumed once more.</summary>
    public async Task PublishAsync<TEvent>(TEvent @event) where TEvent : class, IEvent
    {
        var before = _consumed.Count(@event.EventId);
        await Services.GetRequiredService<IBus>().Publish(@event);
        await Eventually.BecomesTrueAsync(() => _consumed.Count(@event.EventId) > before, what: $"{typeof(TEvent).Name} is consumed");
    }

    public Task<Tap<TEvent>> TapAsync<TEvent>() where TEvent : class, IEvent => _bus.TapAsync<TEvent>();

    /// <summary>Registers a recipient under a new id.</summary>
    public async Task<Recipient> RecipientAsync(Audience audience, string language = "en", string? email = null, string? staff = null, params string[] roles)
    {
        var id = NewId(EnumText<Audience>.Of(audience).ToLowerInvariant().Replace('_', '-'));
        var response = await Client.CreateRecipientAsync(
            new CreateRecipientRequest
            {
                RequestId = NewRequestId(),
                RecipientId = id,
                Recipient = new Recipient
                {
                    DisplayName = $"Somebody (synthetic) {id}",
                    Audience = audience,
                    Email = email ?? (audience == Audience.Staff ? "" : $"{id}@story.example"),
                    Language = language,
                    Staff = staff ?? (audience == Audience.Staff ? $"staff/{id}" : ""),
                    Synthetic = true,
                    Roles = { roles },
                },
            },
            Administrator);
        return response.Recipient;
    }

    public async Task SubscribeAsync(Recipient recipient, EventKind kind, string subject = "", params Channel[] channels) =>
        await Client.CreateSubscriptionAsync(
            new CreateSubscriptionRequest
            {
                RequestId = NewRequestId(),
                Parent = recipient.Name,
                Subscription = new Subscription { EventKind = kind, Subject = subject, Channels = { channels } },
            },
            Administrator);

    public async Task<RecipientPlan> PrepareAsync(string decision, params (Recipient[] Recipients, Recipient[] Mandatory)[] waves)
    {
        var request = PlanRequest(decision, waves);
        return (await Client.PrepareRecipientPlanAsync(request, Spokesperson)).RecipientPlan;
    }

    /// <summary>
    /// A plan with a wave for the audience of each group, and the public's after them unless it is among them; an English text for every audience.
    /// </summary>
    public static PrepareRecipientPlanRequest PlanRequest(string decision, params (Recipient[] Recipients, Recipient[] Mandatory)[] waves)
    {
        var plan = new RecipientPlan { Decision = decision };
        foreach (var (recipients, mandatory) in waves)
        {
            plan.Waves.Add(new Wave
            {
                Audience = recipients[0].Audience,
                Recipients = { recipients.Select(static recipient => recipient.Name) },
                MandatoryRecipients = { mandatory.Select(static recipient => recipient.Name) },
            });
        }

        if (plan.Waves.All(static wave => wave.Audience != Audience.Public))
        {
            plan.Waves.Add(new Wave { Audience = Audience.Public });
        }

        plan.Texts.Add(plan.Waves.Select(static wave => new ApprovedText
        {
            Audience = wave.Audience,
            Text = new Contracts.Type.V1.LocalizedText { Language = "en", Text = $"For {EnumText<Audience>.Of(wave.Audience)}" },
        }));
        return new PrepareRecipientPlanRequest { RequestId = NewRequestId(), RecipientPlan = plan };
    }

    public async Task<RecipientPlan> PlanAsync(string decision) =>
        (await Client.GetRecipientPlanAsync(new GetRecipientPlanRequest { Name = PlanName(decision) }, Auditor)).RecipientPlan;

    public async Task<IReadOnlyList<Delivery>> DeliveriesAsync(string decision) =>
        (await Client.ListDeliveriesAsync(new ListDeliveriesRequest { Plan = PlanName(decision), PageSize = 500 }, Auditor)).Deliveries;

    public async Task<IReadOnlyList<Delivery>> DeliveriesToAsync(Recipient recipient) =>
        (await Client.ListDeliveriesAsync(new ListDeliveriesRequest { Recipient = recipient.Name, PageSize = 500 }, Auditor)).Deliveries;

    /// <summary>The mails to a recipient when there are that many, oldest first.</summary>
    public async Task<IReadOnlyList<MimeMessage>> MailAsync(Recipient recipient, int count = 1)
    {
        IReadOnlyList<MimeMessage> messages = [];
        await Eventually.BecomesTrueAsync(async () => (messages = await Mail.MessagesToAsync(recipient.Email)).Count >= count, what: $"{count} mails to {recipient.Email}");
        Assert.Equal(count, messages.Count);
        return messages;
    }

    /// <summary>What the recipient does with the last of that many mails: acknowledges by its reference.</summary>
    public async Task AcknowledgeAsync(Recipient recipient, int count = 1) =>
        await Client.AcknowledgeDeliveryAsync(new AcknowledgeDeliveryRequest { Reference = Reference((await MailAsync(recipient, count))[^1]) });

    public async Task<IReadOnlyList<InboxItem>> InboxAsync(Recipient recipient) =>
        (await Client.ListInboxItemsAsync(new ListInboxItemsRequest { PageSize = 500 }, As(recipient.Staff, Roles.Recipient))).Items;

    public static string Reference(MimeMessage message) => message.Headers[MailComposition.ReferenceHeader] ?? throw new XunitException("The mail has no reference.");

    public static string PlanName(string decision) => $"recipientPlans/{decision["decisions/".Length..]}";

    public static string NewId(string stem) => $"{stem}-{Guid.CreateVersion7().ToString("N", CultureInfo.InvariantCulture)[^12..]}";

    public static string NewRequestId() => Guid.CreateVersion7().ToString();

    public static string NewDecision() => $"decisions/{Guid.CreateVersion7()}";

    public static string NewSubject() => $"subjects/{NewId("s")}";

    /// <summary>The refusal of a call.</summary>
    public static async Task<(StatusCode Code, string Reason)> RefusalAsync<T>(AsyncUnaryCall<T> call)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await call);
        return Refusal(refusal);
    }

    public static (StatusCode Code, string Reason) Refusal(RpcException refusal) =>
        (refusal.StatusCode, refusal.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason ?? throw new XunitException($"There is no reason: {refusal.Status}"));

    /// <summary>The fields that an INVALID_ARGUMENT names.</summary>
    public static async Task<IReadOnlyList<string>> InvalidFieldsAsync<T>(AsyncUnaryCall<T> call)
    {
        var refusal = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.Equal((StatusCode.InvalidArgument, "FIELD_INVALID"), Refusal(refusal));
        return [.. refusal.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations.Select(static violation => violation.Field)];
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _bus.DisposeAsync();
        if (_owns)
        {
            await Mail.DisposeAsync();
            await Database.DisposeAsync();
        }

        Evidence.Dispose();
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            EnvironmentName = "Development",
            ContentRootPath = Directory.CreateDirectory(Path.Combine(Servers.Folder, "empty")).FullName,
        });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:notificationdb"] = Database.ConnectionString,
            ["ConnectionStrings:bus"] = _bus.ConnectionString,
            ["ConnectionStrings:redis"] = _redis,
            ["Kestrel:Endpoints:grpc:Url"] = $"http://127.0.0.1:{GrpcPort}",
            ["Kestrel:Endpoints:grpc:Protocols"] = "Http2",
            ["Kestrel:Endpoints:web:Url"] = $"http://127.0.0.1:{WebPort}",
            ["Kestrel:Endpoints:web:Protocols"] = "Http1",
            ["Staff:DevelopmentKey"] = StaffPublicKey,
            ["ServiceIdentity:Name"] = "notification",
            ["Mail:Smtp"] = $"tcp://127.0.0.1:{Mail.Port}",
            ["Mail:From"] = "no-reply@poc.example",
            ["Mail:RetryFirst"] = "00:00:00.020",
            ["Mail:Poll"] = "00:00:00.200",
            ["Notification:PublicUrl"] = "https://poc.example",
        });
        builder.Configuration.AddInMemoryCollection(_settings.Select(static setting => KeyValuePair.Create(setting.Split('=', 2)[0], (string?)setting.Split('=', 2)[1])));
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddProvider(Evidence);
        builder.AddNotification();
        var app = builder.Build();
        app.MapNotification();
        app.Services.GetRequiredService<IBus>().ConnectConsumeObserver(_consumed);
        return app;
    }

    // Counts what left a consumer without an error, by the event's id.
    private sealed class ConsumedEvents : IConsumeObserver
    {
        private readonly ConcurrentDictionary<Guid, int> _counts = new();

        public int Count(Guid eventId) => _counts.GetValueOrDefault(eventId);

        public Task PreConsume<T>(ConsumeContext<T> context) where T : class => Task.CompletedTask;

        public Task PostConsume<T>(ConsumeContext<T> context) where T : class
        {
            if (context.Message is IEvent @event)
            {
                _counts.AddOrUpdate(@event.EventId, 1, static (_, count) => count + 1);
            }

            return Task.CompletedTask;
        }

        public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception) where T : class => Task.CompletedTask;
    }
}
