using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Intake.Tests.Samples;

/// <summary>Runs samples/typescript as its README says, with Node, against a real Intake.</summary>
public sealed class TypeScriptSampleTests(IntakeStack stack) : SampleTests(stack)
{
    private static readonly Lazy<Task> Prepared = new(PrepareAsync);

    // A copy beside links to what it reads: the packages and what is generated stay out of the checkout.
    private static string Copy => Path.Combine(Servers.Folder, "typescript", "samples", "typescript");

    public override async ValueTask InitializeAsync() => await Prepared.Value;

    private protected override Task<ForeignAnswer> RunAsync(IReadOnlyList<string> arguments, (string Name, string Value) apiKey) =>
        Foreign.RunAsync("node", [Path.Combine(Copy, "build", "submit_request.js"), .. arguments], apiKey);

    private static async Task PrepareAsync()
    {
        await Foreign.RequireAsync(static () => Task.FromResult(Programs.Find("node") is not null && Programs.Find("npm") is not null), "nodejs", "npm");
        Directory.CreateDirectory(Copy);
        var root = Path.Combine(Servers.Folder, "typescript");
        Directory.CreateSymbolicLink(Path.Combine(root, "src"), Checkout.Path("src"));
        File.CreateSymbolicLink(Path.Combine(root, "samples", "error_details.proto"), Checkout.Path("samples", "error_details.proto"));
        foreach (var file in (string[])["package.json", "package-lock.json", ".npmrc", "tsconfig.json", "submit_request.ts"])
        {
            File.Copy(Checkout.Path("samples", "typescript", file), Path.Combine(Copy, file));
        }

        await Foreign.PrepareAsync("npm", ["ci", "--prefix", Copy]);
        await Foreign.PrepareAsync("npm", ["run", "build", "--prefix", Copy]);
    }
}
