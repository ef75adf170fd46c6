using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Intake.Tests.Samples;

/// <summary>Runs samples/python as its README says, with Debian's Python and packages, against a real Intake.</summary>
public sealed class PythonSampleTests(IntakeStack stack) : SampleTests(stack)
{
    private const string Python = "/usr/bin/python3";
    private static readonly Lazy<Task> Prepared = new(PrepareAsync);

    private static string Sample => Checkout.Path("samples", "python");

    private static string Stubs => Path.Combine(Servers.Folder, "python-stubs");

    public override async ValueTask InitializeAsync() => await Prepared.Value;

    private protected override Task<ForeignAnswer> RunAsync(IReadOnlyList<string> arguments, (string Name, string Value) apiKey) => Foreign.RunAsync(
        Python, [Path.Combine(Sample, "submit_request.py"), .. arguments], apiKey, ("POC_PYTHON_STUBS", Stubs), ("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONUTF8", "1"));

    private static async Task PrepareAsync()
    {
        await Foreign.RequireAsync(IsCompleteAsync, "python3-grpcio", "python3-protobuf", "protobuf-compiler", "protobuf-compiler-grpc", "libprotobuf-dev");
        await Foreign.PrepareAsync("/bin/sh", [Path.Combine(Sample, "generate.sh"), Stubs]);
    }

    private static async Task<bool> IsCompleteAsync() =>
        File.Exists(Python) && Programs.Find("protoc") is not null && Programs.Find("grpc_python_plugin") is not null && File.Exists("/usr/include/google/protobuf/timestamp.proto")
        && (await Foreign.RunAsync(Python, ["-c", "import grpc, google.protobuf"])).ExitCode == 0;
}
