using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Verify.Tests.Foreign;

/// <summary>Proofs and notes made by Go's own packages (golang.org/x/mod/sumdb), as Debian ships them.</summary>
public sealed class GoTests : Scratch
{
    private const string Library = "/usr/share/gocode/src/golang.org/x/mod/sumdb";

    [Fact]
    public async Task Verifies_what_Go_has_proven_and_signed()
    {
        await Testing.Foreign.RequireAsync(() => Task.FromResult(Programs.Find("go") is not null && Directory.Exists(Library)), "golang-go", "golang-golang-x-mod-dev");
        await Testing.Foreign.PrepareAsync(
            "go", ["run", Checkout.Path("tests", "Poc.Verify.Tests", "Foreign", "make.go"), Folder], ("GO111MODULE", "off"), ("GOPATH", "/usr/share/gocode"), ("GOFLAGS", ""), ("GOCACHE", PathOf("cache")));
        foreach (var kind in (string[])["inclusion", "consistency"])
        {
            var proofs = Directory.GetFiles(Folder, $"{kind}-*.json");
            Assert.Equal(6, proofs.Length);
            foreach (var proof in proofs)
            {
                Assert.Equal(0, (await RunAsync(kind, proof)).ExitCode);
            }
        }

        var keys = await Task.WhenAll(((string[])["key-1", "key-2"]).Select(name => File.ReadAllTextAsync(PathOf(name), TestContext.Current.CancellationToken)));
        var answer = await RunAsync("note", PathOf("note"), "--key", keys[0], "--key", keys[1]);
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("signed by log.example/go", answer.Output, StringComparison.Ordinal);
        Assert.Contains("signed by other.example", answer.Output, StringComparison.Ordinal);
    }
}
