using MassTransit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Poc.Bus;
using Poc.Grpc;
using Poc.Notification.Consumers;
using Poc.Notification.Deliveries;
using Poc.Notification.Inboxes;
using Poc.Notification.Plans;
using Poc.Notification.Recipients;
using Poc.Postgres;

namespace Poc.Notification;

/// <summary>Puts the service together; Program.cs runs it, tests host it.</summary>
public static class NotificationHosting
{
    /// <summary>Adds everything that Notification consists of to a builder that has its configuration.</summary>
    public static WebApplicationBuilder AddNotification(this WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        builder.AddNpgsqlDataSource("notificationdb");
        builder.AddRedisClient("redis");
        builder.AddPocAuthentication();
        builder.AddPocGrpc();
        builder.AddPocBus("notification", AddConsumers);

        var services = builder.Services;
        services.AddPocPostgres();
        services.AddOptions<NotificationOptions>().BindConfiguration("Notification").ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<MailOptions>().BindConfiguration("Mail").ValidateDataAnnotations()
            .Validate(static mail => mail.HasServer(), "Mail:Smtp must be host:port or tcp://host:port.")
            .Validate(static mail => mail.Lease >= mail.AttemptTimeout * 2, "Mail:Lease must be at least twice Mail:AttemptTimeout.")
            .ValidateOnStart();
        services.AddSingleton<IdempotentWrites>();
        AddSlices(services);
        AddWorkers(services);
        services.AddHealthChecks().AddCheck<MailServerCheck>("smtp", HealthStatus.Degraded, ["ready"]);
        return builder;
    }

    /// <summary>Maps the service's endpoints.</summary>
    public static WebApplication MapNotification(this WebApplication app)
    {
        app.MapDefaultEndpoints();
        app.MapPocGrpc<NotificationGrpc>();
        return app;
    }

    private static void AddConsumers(IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<RequestReceivedConsumer>();
        bus.AddConsumer<StatementRecordedConsumer>();
        bus.AddConsumer<DossierOpenedConsumer>();
        bus.AddConsumer<PanelSeatedConsumer>();
        bus.AddConsumer<BallotsOpenedConsumer>();
        bus.AddConsumer<PanelTermEndingConsumer>();
        bus.AddConsumer<DecisionSignedConsumer>();
        bus.AddConsumer<DecisionAnnouncedConsumer>();
        bus.AddConsumer<AppealFiledConsumer>();
        bus.AddConsumer<SpeakerAskedConsumer>();
        bus.AddConsumer<ImpostorIncidentOpenedConsumer>();
        bus.AddConsumer<CampaignRaisedConsumer>();
        bus.AddConsumer<CampaignRequestsJoinedConsumer>();
        bus.AddConsumer<CampaignContestedConsumer>();
        bus.AddConsumer<LogAlarmRaisedConsumer>();
    }

    private static void AddSlices(IServiceCollection services)
    {
        services.AddSingleton<CreateRecipient>();
        services.AddSingleton<CreateSubscription>();
        services.AddSingleton<PlanProgress>();
        services.AddSingleton<PrepareRecipientPlan>();
        services.AddSingleton<StartPlan>();
        services.AddSingleton<GetRecipientPlan>();
        services.AddSingleton<OverrideWave>();
        services.AddSingleton<EnterLeakMode>();
        services.AddSingleton<DeliveryWriter>();
        services.AddSingleton<Notices>();
        services.AddSingleton<Bursts>();
        services.AddSingleton<ListDeliveries>();
        services.AddSingleton<AcknowledgeDelivery>();
        services.AddSingleton<GetAnnouncement>();
        services.AddSingleton<ListInboxItems>();
        services.AddSingleton<WatchInbox>();
    }

    private static void AddWorkers(IServiceCollection services)
    {
        services.AddSingleton<MailComposition>();
        services.AddSingleton<MailQueue>();
        services.AddSingleton<MailSender>();
        services.AddHostedService(static provider => provider.GetRequiredService<MailSender>());
        services.AddHostedService<MailQueueListener>();
        services.AddSingleton<InboxWatches>();
        services.AddHostedService(static provider => provider.GetRequiredService<InboxWatches>());
        services.AddSingleton<InboxBackplane>();
        services.AddHostedService(static provider => provider.GetRequiredService<InboxBackplane>());
    }
}
