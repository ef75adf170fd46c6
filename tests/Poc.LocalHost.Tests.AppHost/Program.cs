// One service with a child of its own, a program that runs once before it, and a database: enough to be interrupted and started again.
var builder = DistributedApplication.CreateBuilder(args);
var secret = builder.AddParameter("sample-secret", secret: true);
var database = builder.AddPostgres("postgres").WithDataVolume().AddDatabase("sampledb");
var once = builder.AddProject<Projects.Poc_LocalHost_Tests_Once>("once").WaitFor(database);
builder.AddProject<Projects.Poc_LocalHost_Tests_Sample>("sample")
    .WithReference(database)
    .WithEnvironment("SAMPLE_SECRET", secret)
    .WithEnvironment("SAMPLE_SPAWN", "1")
    .WithEnvironment("SAMPLE_MARK", builder.Configuration["Mark"])
    .WaitForCompletion(once)
    .WithHttpHealthCheck("/health", endpointName: "web");
await builder.Build().RunAsync();
