using MassTransit;
using Poc.Bus;
using Poc.Contracts.Intake.V1;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.Review.Ballots;
using Poc.Review.Consumers;
using Poc.Review.Decisions;
using Poc.Review.Designations;
using Poc.Review.Dossiers;
using Poc.Review.Panels;
using Poc.Review.Precedents;
using Poc.Review.Protocols;
using Poc.Review.Register;
using Poc.Review.Subjects;

namespace Poc.Review;

/// <summary>Puts the service together.</summary>
public static class ReviewHost
{
    /// <summary>The service with its protocols on record, ready to run.</summary>
    /// <param name="args">Settings as <c>--Name:Of:Setting=value</c>; they win over the environment and appsettings.json.</param>
    /// <exception cref="ProtocolException">A protocol document is malformed or differs from the one on record.</exception>
    public static async Task<WebApplication> BuildAsync(string[] args)
    {
        // The settings lie beside the assembly, wherever the service is started from.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddServiceDefaults();
        builder.AddNpgsqlDataSource("reviewdb");
        builder.AddRedisClient("redis");
        builder.AddPocAuthentication();
        builder.AddPocGrpc();
        builder.AddPocClient<StatementArchiveService.StatementArchiveServiceClient>("archive");
        builder.AddPocClient<AdmissibilityService.AdmissibilityServiceClient>("intake");
        builder.AddPocClient<CampaignService.CampaignServiceClient>("intake");
        builder.AddPocBus("review", static bus =>
        {
            bus.AddConsumer<RequestReceivedConsumer>();
            bus.AddConsumer<RequestWithdrawnConsumer>();
            bus.AddConsumer<RequestSubjectConfirmedConsumer>();
            bus.AddConsumer<AmplificationEventRecordedConsumer>();
            bus.AddConsumer<CampaignRaisedConsumer>();
            bus.AddConsumer<CampaignRequestsJoinedConsumer>();
            bus.AddConsumer<CampaignMergedConsumer>();
            bus.AddConsumer<CampaignClassifiedConsumer>();
            bus.AddConsumer<CampaignContestedConsumer>();
            bus.AddConsumer<RecipientPlanCompletedConsumer>();
        });

        builder.Services.AddPocPostgres();
        builder.Services.AddOptions<ReviewOptions>().BindConfiguration("Review").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<IdempotentWrites>().AddSingleton<ProtocolShelf>().AddSingleton<Archive>().AddSingleton<Intake>().AddSingleton<RegisterCache>().AddSingleton<HeldAnswers>();
        builder.Services.AddOptions<SealKeysOptions>().BindConfiguration("Review:SealKeys")
            .Validate(static keys => keys.AreUsable(), "Review:SealKeys:CurrentKey must name one of Review:SealKeys:Keys, each 32 bytes in base64.").ValidateOnStart();
        builder.Services.AddSingleton<RoundKeys>().AddSingleton<RoundOpening>().AddSingleton<OpenRoundSealer>();
        AddSlices(builder.Services);

        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapPocGrpc<ReviewGrpc>();
        app.MapPocGrpc<RegisterGrpc>();
        app.MapPocOpenApi("Poc public register");
        await app.Services.GetRequiredService<ProtocolShelf>().FillAsync(CancellationToken.None);
        await app.Services.GetRequiredService<RegisterNames>().FillAsync(CancellationToken.None);
        await app.Services.GetRequiredService<OpenRoundSealer>().SealAllAsync(CancellationToken.None);
        return app;
    }

    private static void AddSlices(IServiceCollection services) => services
        .AddSingleton<ListProtocols>().AddSingleton<GetProtocol>()
        .AddSingleton<CreateSubject>().AddSingleton<GetSubject>().AddSingleton<ProposeIdentityChange>().AddSingleton<ConfirmIdentityChange>().AddSingleton<ListIdentityChanges>().AddSingleton<OpenEpisode>().AddSingleton<DecideMandate>()
        .AddSingleton<RecordPastDesignation>().AddSingleton<DesignateProvisionally>().AddSingleton<EndDesignation>()
        .AddSingleton<RecordPrecedent>().AddSingleton<ListPrecedents>().AddSingleton<FindPrecedents>()
        .AddSingleton<AdmitRequest>().AddHostedService<WaitingRequests>().AddSingleton<WithdrawRequest>().AddSingleton<NoteAmplification>().AddSingleton<NoteCampaign>()
        .AddSingleton<ListDossiers>().AddSingleton<GetDossier>().AddSingleton<ListResidues>().AddSingleton<AttachStatements>().AddSingleton<RecordRightOfReply>().AddSingleton<RecordConcern>()
        .AddSingleton<SeatPanel>().AddSingleton<SteppingBack>().AddSingleton<DeclareConflict>().AddSingleton<ReplaceMember>().AddHostedService<TermReminders>().AddSingleton<RecordTie>().AddSingleton<EndTie>().AddSingleton<ListTies>()
        .AddSingleton<CastAssessment>().AddSingleton<ListAssessments>().AddSingleton<CastBallot>().AddSingleton<ListBallots>().AddSingleton<OpenBallots>().AddSingleton<RecordDissent>()
        .AddSingleton<DraftDecision>().AddSingleton<GetDecision>().AddSingleton<GetDecisionDocument>().AddSingleton<ReplayDossier>().AddSingleton<SignDecision>().AddSingleton<PublishDecision>().AddSingleton<FileAppeal>()
        .AddSingleton<GetRegisterEntry>().AddSingleton<ListRegisterEntries>().AddSingleton<SearchRegister>().AddSingleton<ListRegisterChanges>().AddSingleton<RegisterNames>()
        .AddSingleton<RegisterNews>().AddHostedService(static provider => provider.GetRequiredService<RegisterNews>());
}
