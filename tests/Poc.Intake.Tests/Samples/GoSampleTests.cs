using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Intake.Tests.Samples;

/// <summary>Builds and runs samples/go as its README says, with Debian's Go and packages, against a real Intake.</summary>
public sealed class GoSampleTests(IntakeStack stack) : SampleTests(stack)
{
    private const string Libraries = "/usr/share/gocode/src/google.golang.org";
    private static readonly Lazy<Task> Prepared = new(PrepareAsync);

    private static string Build => Path.Combine(Servers.Folder, "go-build");

    public override async ValueTask InitializeAsync() => await Prepared.Value;

    private protected override Task<ForeignAnswer> RunAsync(IReadOnlyList<string> arguments, (string Name, string Value) apiKey) =>
        Foreign.RunAsync(Path.Combine(Build, "submit_request"), arguments, apiKey);

    private static async Task PrepareAsync()
    {
        await Foreign.RequireAsync(
            IsCompleteAsync, "golang-go", "golang-google-grpc-dev", "golang-google-genproto-dev", "golang-google-protobuf-dev", "golang-github-golang-protobuf-1-5-dev", "protoc-gen-go",
            "protoc-gen-go-grpc", "protobuf-compiler", "libprotobuf-dev");
        await Foreign.PrepareAsync(Checkout.Path("samples", "go", "build.sh"), [Build]);
    }

    private static Task<bool> IsCompleteAsync() => Task.FromResult(
        ((string[])["go", "protoc", "protoc-gen-go", "protoc-gen-go-grpc"]).All(static program => Programs.Find(program) is not null)
        && ((string[])["grpc", "genproto", "protobuf"]).All(static library => Directory.Exists(Path.Combine(Libraries, library))) && File.Exists("/usr/include/google/protobuf/timestamp.proto"));
}
