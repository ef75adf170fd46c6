using System.Diagnostics;
using Poc.LocalHost.Processes;
using Poc.LocalHost.Servers;
using Poc.Testing;

namespace Poc.Intake.Tests;

/// <summary>Runs samples/python as its README says, with Debian's Python and packages, against a real Intake.</summary>
public sealed class PythonSampleTests(IntakeStack stack) : IAsyncLifetime
{
    private const string Python = "/usr/bin/python3";
    private static readonly string[] Packages = ["python3-grpcio", "python3-protobuf", "protobuf-compiler", "protobuf-compiler-grpc", "libprotobuf-dev"];
    private static readonly Lazy<Task<string?>> Prepared = new(PrepareAsync);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    private static string Stubs => Path.Combine(Servers.Folder, "python-stubs");

    public async ValueTask InitializeAsync()
    {
        if (await Prepared.Value is { } missing)
        {
            Servers.Lacking(missing);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Files_a_request_and_gets_the_same_receipt_for_the_same_id()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var id = Filings.NewId();

        var first = await SubmitAsync(partner.Server.Address, partner.ApiKey, id);
        var second = await SubmitAsync(partner.Server.Address, partner.ApiKey, id);

        Assert.Equal((0, ""), (first.ExitCode, first.Errors));
        Assert.Contains($"request id:  {id}", first.Output, StringComparison.Ordinal);
        Assert.Contains("state:       STATE_RECEIVED", first.Output, StringComparison.Ordinal);
        Assert.Equal(first, second);
        var name = first.Output.Split('\n')[0]["request:     ".Length..];
        Assert.Equal("Просим взглянуть ещё раз. (synthetic)", (await partner.GetAsync(name)).Text);
    }

    [Fact]
    public async Task Other_words_under_the_same_id_are_refused()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();
        var id = Filings.NewId();
        await SubmitAsync(partner.Server.Address, partner.ApiKey, id);

        var (code, _, errors) = await SubmitAsync(partner.Server.Address, partner.ApiKey, id, "--text", "Other words.");

        Assert.Equal(1, code);
        Assert.StartsWith("ALREADY_EXISTS REQUEST_ID_REUSED: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_input_is_shown_field_by_field()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();

        var (code, _, errors) = await SubmitAsync(partner.Server.Address, partner.ApiKey, "7", "--language", "??", "--link", "nowhere");

        Assert.Equal(1, code);
        Assert.StartsWith("INVALID_ARGUMENT FIELD_INVALID: ", errors, StringComparison.Ordinal);
        Assert.Equal(["request_id", "request.language", "request.links[0]"], errors.Split('\n').Where(static line => line.StartsWith("  ", StringComparison.Ordinal)).Select(static line => line.Trim().Split(':')[0]));
    }

    [Fact]
    public async Task A_wrong_key_is_unauthenticated()
    {
        var partner = await (await stack.IntakeAsync()).NewPartnerAsync();

        var (code, _, errors) = await SubmitAsync(partner.Server.Address, partner.ApiKey + "x", Filings.NewId());

        Assert.Equal(1, code);
        Assert.StartsWith("UNAUTHENTICATED CREDENTIAL_INVALID: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_an_exit_code_of_its_own()
    {
        var (code, _, errors) = await SubmitAsync($"http://127.0.0.1:{LoopbackPorts.Take()}", "poc_nobody_x", Filings.NewId(), "--attempts", "2");

        Assert.Equal(3, code);
        Assert.StartsWith("UNAVAILABLE", errors, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Errors)> SubmitAsync(string address, string apiKey, string requestId, params string[] more) =>
        RunAsync(
            Python,
            [
                Path.Combine(Sample(), "submit_request.py"), "--address", address["http://".Length..], "--request-id", requestId, "--kind", "delist", "--relation", "third-party",
                "--subject", "subjects/navalny", "--text", "Просим взглянуть ещё раз. (synthetic)", "--language", "ru", "--criterion", "advocacy-of-violence", .. more,
            ],
            ("POC_API_KEY", apiKey), ("POC_PYTHON_STUBS", Stubs), ("PYTHONDONTWRITEBYTECODE", "1"), ("PYTHONUTF8", "1"));

    // Null when all is there, else what is missing and how to get it.
    private static async Task<string?> PrepareAsync()
    {
        if (!await IsCompleteAsync())
        {
            var command = Installer.CommandFor(Packages);
            if (!Installer.MayInstall)
            {
                return $"The Python sample lacks some of its packages. Install with: {command}";
            }

            await RunAsync("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=500", "update"]);
            var installed = await RunAsync("apt-get", ["-q", "-o", "DPkg::Lock::Timeout=500", "install", "-y", "--no-install-recommends", .. Packages], ("DEBIAN_FRONTEND", "noninteractive"));
            if (installed.ExitCode != 0 || !await IsCompleteAsync())
            {
                return $"The Python sample's packages could not be installed ({command}): {installed.Errors}";
            }
        }

        var generated = await RunAsync("/bin/sh", [Path.Combine(Sample(), "generate.sh"), Stubs]);
        return generated.ExitCode == 0 ? null : throw new InvalidOperationException($"generate.sh failed: {generated.Errors}");
    }

    private static async Task<bool> IsCompleteAsync() =>
        File.Exists(Python) && Programs.Find("protoc") is not null && Programs.Find("grpc_python_plugin") is not null && File.Exists("/usr/include/google/protobuf/timestamp.proto")
        && (await RunAsync(Python, ["-c", "import grpc, google.protobuf"])).ExitCode == 0;

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, IReadOnlyList<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Ended);
        var errors = process.StandardError.ReadToEndAsync(Ended);
        await process.WaitForExitAsync(Ended);
        return (process.ExitCode, await output, await errors);
    }

    private static string Sample()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var sample = Path.Combine(folder.FullName, "samples", "python");
            if (Directory.Exists(sample))
            {
                return sample;
            }
        }

        throw new DirectoryNotFoundException("samples/python is not above the tests: run them inside the checkout.");
    }
}
