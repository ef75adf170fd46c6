using Microsoft.Extensions.Configuration;
using Poc.AppHost;

// --story adds the reference story as a resource, shows its lines and ends with its exit code; without it the stack runs until Ctrl-C.
var playStory = args.Contains("--story");
var builder = DistributedApplication.CreateBuilder([.. args.Where(arg => arg != "--story")]);
var replicas = builder.Configuration.GetValue("Parameters:replicas", 1);
var stateFolder = Path.GetFullPath(builder.Configuration["StateFolder"] ?? Path.Combine(builder.AppHostDirectory, "..", ".poc"));
if (builder.ExecutionContext.IsRunMode)
{
    DevelopmentKeys.Provide(builder.Configuration, Path.Combine(stateFolder, "keys"));
}

var staffAuthority = builder.AddParameter("staff-authority");
var staffDevelopmentKey = builder.AddParameter("staff-development-key");
var intakePrivateKey = builder.AddParameter("intake-private-key", secret: true);
var intakePublicKey = builder.AddParameter("intake-public-key");
var reviewPrivateKey = builder.AddParameter("review-private-key", secret: true);
var reviewPublicKey = builder.AddParameter("review-public-key");
var requesterKey = builder.AddParameter("requester-key", secret: true);
var archiveMasterKey = builder.AddParameter("archive-master-key", secret: true);
var reviewSealKey = builder.AddParameter("review-seal-key", secret: true);
var logPrivateKey = builder.AddParameter("log-private-key", secret: true);

var postgres = builder.AddPostgres("postgres").WithDataVolume();
var intakeDb = postgres.AddDatabase("intakedb");
// Of its own, so that a dump of the archive opens nothing. A deployment keeps it on another server, with other backups.
var archiveKeys = postgres.AddDatabase("archivekeys");
var archiveDb = postgres.AddDatabase("archivedb");
var reviewDb = postgres.AddDatabase("reviewdb");
var notificationDb = postgres.AddDatabase("notificationdb");
var redis = builder.AddRedis("redis").WithDataVolume();
var bus = builder.AddRabbitMQ("bus").WithManagementPlugin().WithDataVolume();
// The sink has one web endpoint, and Aspire names the only one of a scheme after the scheme. Its SMTP port is not its web server's: without the
// filter Kestrel would be told to listen there too.
var mail = builder.AddProject<Projects.Poc_MailSink>("mail")
    .WithEndpoint(port: 5141, scheme: "tcp", name: "smtp", env: "MailSink__SmtpPort")
    .WithEndpointsInEnvironment(endpoint => endpoint.UriScheme == "http")
    .WithHttpHealthCheck("/health", endpointName: "http");

var migrator = builder.AddProject<Projects.Poc_Migrator>("migrator")
    .WithReference(intakeDb).WaitFor(intakeDb)
    .WithReference(archiveKeys).WaitFor(archiveKeys)
    .WithReference(archiveDb).WaitFor(archiveDb)
    .WithReference(reviewDb).WaitFor(reviewDb)
    .WithReference(notificationDb).WaitFor(notificationDb);

var archive = builder.AddProject<Projects.Poc_StatementArchive>("archive")
    .WithReference(archiveDb).WithReference(archiveKeys).WithReference(bus)
    .WithEnvironment("Staff__Authority", staffAuthority)
    .WithEnvironment("Staff__DevelopmentKey", staffDevelopmentKey)
    .WithEnvironment("ServiceIdentity__Trusted__intake", intakePublicKey)
    .WithEnvironment("ServiceIdentity__Trusted__review", reviewPublicKey)
    .WithEnvironment("Log__PrivateKey", logPrivateKey)
    .WithEnvironment("KeyStore__CurrentKey", "stack")
    .WithEnvironment("KeyStore__Keys__stack", archiveMasterKey)
    .WaitForCompletion(migrator).WaitFor(bus)
    .WithHttpHealthCheck("/health", endpointName: "web")
    .WithReplicas(replicas);

var intake = builder.AddProject<Projects.Poc_Intake>("intake")
    .WithReference(intakeDb).WithReference(redis).WithReference(bus).WithReference(archive)
    .WithEnvironment("Staff__Authority", staffAuthority)
    .WithEnvironment("Staff__DevelopmentKey", staffDevelopmentKey)
    .WithEnvironment("ServiceIdentity__PrivateKey", intakePrivateKey)
    .WithEnvironment("ServiceIdentity__Trusted__review", reviewPublicKey)
    .WithEnvironment("RequesterSealing__CurrentKey", "stack")
    .WithEnvironment("RequesterSealing__Keys__stack", requesterKey)
    .WaitForCompletion(migrator).WaitFor(redis).WaitFor(bus)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health", endpointName: "web")
    .WithReplicas(replicas);

var review = builder.AddProject<Projects.Poc_Review>("review")
    .WithReference(reviewDb).WithReference(redis).WithReference(bus).WithReference(archive).WithReference(intake)
    .WithEnvironment("Staff__Authority", staffAuthority)
    .WithEnvironment("Staff__DevelopmentKey", staffDevelopmentKey)
    .WithEnvironment("ServiceIdentity__PrivateKey", reviewPrivateKey)
    .WithEnvironment("Review__SealKeys__CurrentKey", "stack")
    .WithEnvironment("Review__SealKeys__Keys__stack", reviewSealKey)
    .WaitForCompletion(migrator).WaitFor(redis).WaitFor(bus)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health", endpointName: "web")
    .WithReplicas(replicas);

var notification = builder.AddProject<Projects.Poc_Notification>("notification")
    .WithReference(notificationDb).WithReference(redis).WithReference(bus)
    .WithEnvironment("Staff__Authority", staffAuthority)
    .WithEnvironment("Staff__DevelopmentKey", staffDevelopmentKey)
    .WithEnvironment("Mail__Smtp", mail.GetEndpoint("smtp"))
    .WaitForCompletion(migrator).WaitFor(redis).WaitFor(bus).WaitFor(mail)
    .WithHttpHealthCheck("/health", endpointName: "web")
    .WithReplicas(replicas);

if (!playStory)
{
    await builder.Build().RunAsync();
    return 0;
}

var transcript = Path.Combine(stateFolder, "story", "transcript.txt");
builder.AddProject<Projects.Poc_Story>("story")
    .WithReference(intake).WithReference(archive).WithReference(review).WithReference(notification).WithReference(mail)
    .WithEnvironment("Story__Transcript", transcript)
    .WithEnvironment("Story__Keys", Path.Combine(stateFolder, "keys"))
    .WaitFor(intake).WaitFor(archive).WaitFor(review).WaitFor(notification).WaitFor(mail);
return await StoryRun.ToItsEndAsync(builder.Build(), transcript);
