using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Poc.Bus;
using Poc.Contracts.StatementArchive.V1;
using Poc.Grpc;
using Poc.Postgres;
using Poc.StatementArchive;
using Poc.StatementArchive.Annotations;
using Poc.StatementArchive.Audits;
using Poc.StatementArchive.Captures;
using Poc.StatementArchive.Consumers;
using Poc.StatementArchive.Custody;
using Poc.StatementArchive.Erasures;
using Poc.StatementArchive.Exports;
using Poc.StatementArchive.Holds;
using Poc.StatementArchive.Keys;
using Poc.StatementArchive.Log;
using Poc.StatementArchive.Retractions;
using Poc.StatementArchive.Search;
using Poc.StatementArchive.Statements;
using Poc.StatementArchive.TimeStamps;
using Poc.StatementArchive.Witnesses;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddNpgsqlDataSource("archivedb");
builder.AddKeyedNpgsqlDataSource(KeyStore.ConnectionName);
builder.Services.AddPocPostgres();
builder.AddPocBus("archive", bus => bus.AddConsumer<DecisionSignedConsumer>());
builder.AddPocAuthentication();
builder.AddPocGrpc();
builder.Services.AddGrpc(grpc => grpc.Interceptors.Add<OpeningGate>());

var services = builder.Services;
services.AddOptions<ArchiveOptions>().BindConfiguration("Log").ValidateDataAnnotations().ValidateOnStart();
services.AddOptions<KeyStoreOptions>().BindConfiguration("KeyStore")
    .Validate(keys => keys.AreUsable(), "KeyStore:CurrentKey must name one of KeyStore:Keys, each 32 bytes in base64.").ValidateOnStart();
services.AddSingleton<KeyStore>().AddSingleton<RowSealer>().AddSingleton<Eraser>().AddSingleton<Opening>().AddSingleton<OpeningGate>();
services.AddHostedService(provider => provider.GetRequiredService<Opening>());
services.AddHostedService<KeyResealer>();
services.AddSingleton<LogKey>().AddSingleton<KeyHistory>().AddSingleton<LogAppender>().AddSingleton<LogReader>().AddSingleton<Integrator>().AddSingleton<SearchLocale>();
services.AddHostedService(provider => provider.GetRequiredService<Integrator>());
services.AddHostedService(provider => provider.GetRequiredService<SearchLocale>());
services.AddHostedService<SearchIndexer>();
services.AddSingleton<WitnessList>().AddSingleton<WitnessMetrics>().AddSingleton<WitnessClient>().AddSingleton<WitnessSender>();
services.AddHostedService(provider => provider.GetRequiredService<WitnessSender>());
WitnessClient.Add(services);
services.AddSingleton<AuthorityList>().AddSingleton<StampMetrics>().AddSingleton<StampClient>().AddSingleton<Stamper>();
services.AddHostedService(provider => provider.GetRequiredService<Stamper>());
StampClient.Add(services);
services.AddSingleton<TreeAudit>().AddSingleton<EvidenceAudit>().AddSingleton<AuditMetrics>().AddSingleton<LogAuditor>().AddSingleton<RunAudit>().AddSingleton<GetAudit>();
services.AddHostedService(provider => provider.GetRequiredService<LogAuditor>());
services.AddHealthChecks().AddCheck<Integrator>("log").AddCheck<SearchLocale>("locale").AddCheck<Opening>("opening").AddCheck<WitnessSender>("witnesses", HealthStatus.Degraded)
    .AddCheck<Stamper>("timestamps", HealthStatus.Degraded).AddCheck<LogAuditor>("audit", HealthStatus.Degraded);

services.AddSingleton<StoredStatements>().AddSingleton<StoredEvidence>().AddSingleton<CaptureView>();
services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<WriterConnection>(provider, "archivedb"));
services.AddSingleton<StatementWriter>().AddHostedService(static provider => provider.GetRequiredService<StatementWriter>());
services.AddSingleton<RecordStatement>().AddSingleton<GetStatement>().AddSingleton<CheckStatements>().AddSingleton<SearchStatements>();
services.AddSingleton<AddTranslation>().AddSingleton<ReviewTranslation>().AddSingleton<LinkStatement>().AddSingleton<ListSimilarStatements>().AddSingleton<AnnotationRecorder>().AddSingleton<VerifyCitations>().AddSingleton<RecordRetractionEntry>().AddSingleton<ListRetractionEntries>();
services.AddSingleton<GetCheckpoint>().AddSingleton<GetInclusionProof>().AddSingleton<GetConsistencyProof>().AddSingleton<ListLogEntries>()
    .AddSingleton<ServeTile>();
services.AddSingleton<ExportStatements>().AddSingleton<ExportProofs>().AddSingleton<ExportPolicy>();
services.AddSingleton<AddAnnotation>().AddSingleton<HoldRecorder>().AddSingleton<PlaceLegalHold>().AddSingleton<LiftLegalHold>().AddSingleton<ListLegalHolds>();
services.AddSingleton<ProposeErasure>().AddSingleton<ConfirmErasure>().AddSingleton<ListErasures>().AddSingleton<ListCustody>().AddSingleton<HandoverRecorder>().AddSingleton<RecordTransfer>();
services.AddSingleton<RecordDecision>().AddSingleton<CaptureRecorder>().AddSingleton<RecordCapture>().AddSingleton<ReadCapture>();
services.AddOptions<CaptureOptions>().BindConfiguration("Captures").ValidateDataAnnotations().ValidateOnStart();
services.AddSingleton<StoredUploads>().AddSingleton<StartCaptureUpload>().AddSingleton<WriteCaptureUpload>().AddSingleton<FinishCaptureUpload>().AddHostedService<ExpiredUploads>();

var app = builder.Build();
_ = app.Services.GetRequiredService<LogKey>(); // A missing or malformed key stops the start, not the first checkpoint.
_ = app.Services.GetRequiredService<WitnessList>();
_ = app.Services.GetRequiredService<AuthorityList>();
app.MapDefaultEndpoints();
app.MapPocGrpc<StatementArchiveGrpc>();
app.MapGet("/checkpoint", ServeCheckpoint.HandleAsync).Allow(Roles.Anonymous);
app.MapGet("/tile/{level}/{**rest}", ServeTile.HashesAsync).Allow(Roles.Anonymous);
app.MapGet("/tile/entries/{**rest}", ServeTile.EntriesAsync).Allow(Roles.Auditor);
await app.RunAsync();
