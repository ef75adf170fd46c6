using MassTransit;
using Poc.Bus;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Intake.Admissibility;
using Poc.Intake.Amplification;
using Poc.Intake.Attachments;
using Poc.Intake.Bulk;
using Poc.Intake.Campaigns;
using Poc.Intake.Consumers;
using Poc.Intake.Operations;
using Poc.Intake.Partners;
using Poc.Intake.Requesters;
using Poc.Intake.Requests;
using Poc.Intake.Speakers;
using Poc.Intake.Subjects;
using Poc.Postgres;

namespace Poc.Intake;

/// <summary>Puts the service together.</summary>
public static class IntakeHost
{
    /// <summary>The database's name among the connection strings.</summary>
    public const string DatabaseName = "intakedb";

    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Settings as <c>--Name:Of:Setting=value</c>; they win over the environment and appsettings.json.</param>
    public static WebApplication Build(string[] args)
    {
        // The settings lie beside the assembly, wherever the service is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddServiceDefaults();
        builder.AddNpgsqlDataSource(DatabaseName);
        builder.AddRedisClient("redis");
        builder.AddPocAuthentication();
        builder.AddPocGrpc();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.ConfigureHttpsDefaults(PartnerTls.Configure));
        builder.AddPocClient<StatementArchiveService.StatementArchiveServiceClient>("archive");
        builder.AddPocBus("intake", static bus =>
        {
            bus.AddConsumer<AdmissibilityDecidedConsumer>();
            bus.AddConsumer<DecisionAnnouncedConsumer>();
            bus.AddConsumer<SubjectRecordedConsumer>();
            bus.AddConsumer<SubjectCorrectedConsumer>();
        });

        var services = builder.Services;
        services.AddSingleton<IRowScopes, PartnerRows>().AddPocPostgres();
        services.AddOptions<IntakeOptions>().BindConfiguration("Intake").ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IntakeMetrics>();
        services.AddSingleton<IdempotentWrites>();
        AddRequests(services);
        AddAttachments(services);
        AddRequesters(services);
        services.AddSingleton<NoteSubject>().AddSingleton<ListSubjectCandidates>().AddSingleton<ConfirmSubject>();
        AddSpeakers(services);
        services.AddSingleton<GetRepetition>().AddSingleton<GetPartnerRecord>();
        services.AddSingleton<BatchSubmitRequests>().AddSingleton<ImportRequests>().AddSingleton<GetImport>().AddSingleton<ListImportItems>();
        AddPartners(services);
        services.AddSingleton<RecordAmplificationEvent>().AddSingleton<ListAmplificationEvents>();
        AddCampaigns(services);
        services.AddSingleton<ExportRequests>().AddSingleton<GetOperation>().AddSingleton<ListOperations>().AddSingleton<CancelOperation>().AddSingleton<WaitOperation>().AddSingleton<ReadExport>();
        services.AddHostedService<ExportWriter>();

        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapPocGrpc<IntakeGrpc>();
        app.MapPocGrpc<PartnerAdminGrpc>();
        app.MapPocGrpc<AttachmentGrpc>();
        app.MapPocGrpc<BulkGrpc>();
        app.MapPocGrpc<CampaignGrpc>();
        app.MapPocGrpc<RequesterGrpc>();
        app.MapPocGrpc<SubjectMatchingGrpc>();
        app.MapPocGrpc<SpeakerGrpc>();
        app.MapPocGrpc<AdmissibilityGrpc>();
        app.MapPocGrpc<OperationGrpc>();
        app.MapPocOpenApi("Poc Intake");
        return app;
    }

    private static void AddRequests(IServiceCollection services)
    {
        services.AddSingleton<SubmitRequest>().AddSingleton<FilingDesk>().AddSingleton<Withdrawal>().AddSingleton<CitedStatements>();
        services.AddSingleton<GetRequest>().AddSingleton<ListRequests>().AddSingleton<GetReceipt>().AddSingleton<WatchRequest>();
        services.AddSingleton<ApplyAdmissibility>().AddSingleton<AnswerRequests>();
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<WriterConnection>(provider, DatabaseName));
        AddRunning<GroupCommit>(services);
        AddRunning<RequestWatchers>(services);
    }

    private static void AddAttachments(IServiceCollection services)
    {
        services.AddSingleton<StartAttachment>().AddSingleton<UploadAttachment>().AddSingleton<FinishAttachment>().AddSingleton<GetAttachment>().AddSingleton<DownloadAttachment>();
        services.AddSingleton<AttachmentBinding>().AddHostedService<ExpiredAttachments>().AddHostedService<ArchiveHandover>();
    }

    private static void AddSpeakers(IServiceCollection services)
    {
        services.AddSingleton<RegisterSpeaker>().AddSingleton<EndSpeaker>().AddSingleton<ListSpeakers>();
        services.AddSingleton<AskSpeaker>().AddSingleton<AnswerSpeakerCheck>().AddSingleton<RecordSpeakerCheck>().AddSingleton<ListSpeakerChecks>();
        services.AddSingleton<ImpostorIncidents>().AddSingleton<OpenImpostorIncident>().AddSingleton<GetImpostorIncident>().AddSingleton<ListImpostorIncidents>().AddSingleton<CloseImpostorIncident>();
    }

    private static void AddCampaigns(IServiceCollection services)
    {
        services.AddSingleton<RegisterTemplate>().AddSingleton<ListCampaigns>().AddSingleton<GetCampaign>().AddSingleton<ListCampaignResidues>().AddSingleton<ClassifyCampaign>().AddSingleton<ContestCampaign>();
        services.AddSingleton<CampaignNews>().AddHostedService<CampaignCounter>();
    }

    private static void AddPartners(IServiceCollection services)
    {
        services.AddSingleton<CreatePartner>().AddSingleton<ListPartners>().AddSingleton<RegisterApiKey>().AddSingleton<RevokeApiKey>();
        services.AddSingleton<RegisterCertificate>().AddSingleton<ListCertificates>().AddSingleton<RevokeCertificate>();
        services.AddSingleton<ICredentialCheck, PartnerKeys>();
        services.AddSingleton<ICertificateCheck, PartnerCertificates>();
        services.AddSingleton<ListApiKeys>().AddSingleton<ListCredentialUses>();
        AddRunning<CredentialUses>(services);
        services.AddSingleton<GetPartnerLimits>().AddSingleton<SetPartnerLimits>().AddSingleton<LimitsCache>().AddSingleton<ICallRule, CallLimits>();
        AddRunning<Quota>(services);
    }

    // One object that is both asked and run.
    private static void AddRequesters(IServiceCollection services)
    {
        services.AddOptions<RequesterSealingOptions>().BindConfiguration("RequesterSealing")
            .Validate(static sealing => sealing.AreUsable(), "RequesterSealing: every key is 32 bytes in base64, CurrentKey names one of them, and RewrapInterval is at least 10 ms.").ValidateOnStart();
        services.AddSingleton<RequesterSeal>().AddSingleton<RequesterStore>().AddSingleton<ReleaseRequesterIdentity>().AddSingleton<ListRequesterReleases>();
        services.AddSingleton<RewrapRequesters>().AddSingleton<ListRequesterRewraps>().AddSingleton<ListSealingKeys>().AddSingleton<RetireSealingKey>();
        AddRunning<RequesterRewraps>(services);
    }

    private static void AddRunning<T>(IServiceCollection services) where T : class, IHostedService => services.AddSingleton<T>().AddHostedService(static provider => provider.GetRequiredService<T>());
}
