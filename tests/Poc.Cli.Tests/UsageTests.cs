using System.Text.Json;
using Xunit;

namespace Poc.Cli.Tests;

public sealed class UsageTests : IDisposable
{
    // A port of loopback on which nothing listens: 1 is reserved (tcpmux) and never given out.
    private const string Nowhere = "http://127.0.0.1:1";
    private readonly DirectoryInfo _empty = Directory.CreateTempSubdirectory("poc-cli-");

    [Theory]
    [InlineData("--help")]
    [InlineData("request", "submit", "--help")]
    [InlineData("statement", "verify", "--help")]
    [InlineData("subject", "confirm", "--help")]
    [InlineData("speaker", "register", "--help")]
    [InlineData("incident", "close", "--help")]
    [InlineData("requester", "release", "--help")]
    [InlineData("exports", "download", "--help")]
    [InlineData("panel", "replace", "--help")]
    [InlineData("precedent", "find", "--help")]
    [InlineData("subject", "correct", "--help")]
    [InlineData("designation", "renounce", "--help")]
    [InlineData("mandate", "decide", "--help")]
    [InlineData("campaigns", "contest", "--help")]
    [InlineData("amplification", "record", "--help")]
    public async Task Help_is_shown_and_is_no_error(params string[] arguments)
    {
        var (exit, output, errors) = await CommandLine.RunAsync(_empty.FullName, arguments);
        Assert.Equal((0, ""), (exit, errors));
        Assert.Contains("--json", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("token", "--staff", "anna")]
    [InlineData("token", "--staff", "anna", "--role", "emperor")]
    [InlineData("token", "--staff", "anna", "--role", "reviewer")]
    [InlineData("request", "list")]
    [InlineData("requester", "release", "partners/p/requests/r")]
    [InlineData("speaker", "register", "subjects/x", "--name", "A", "--basis", "b", "--capacity", "emperor")]
    [InlineData("request", "submit", "--kind", "delist", "--language", "en", "--subject", "subjects/x", "--api-key", "k")]
    [InlineData("request", "submit", "--kind", "delist", "--language", "en", "--text", "a", "--api-key", "k")]
    [InlineData("request", "submit", "--kind", "abolish", "--language", "en", "--text", "a", "--subject", "subjects/x", "--api-key", "k")]
    [InlineData("request", "submit", "--kind", "delist", "--language", "en", "--text-file", "missing.txt", "--subject", "subjects/x", "--api-key", "k")]
    [InlineData("request", "list", "--api-key", "k", "--intake", "not an address")]
    [InlineData("panel", "seat", "dossiers/d", "--protocol", "protocols/v1")]
    [InlineData("panel", "replace", "dossiers/d", "--member", "staff/a")]
    [InlineData("precedent", "find", "--level", "grave")]
    [InlineData("subject", "merge", "subjects/a", "--reason", "r")]
    [InlineData("designation", "renounce", "subjects/a/episodes/e", "--on", "2021-02-25", "--declared-on", "2021-02-25", "--declared-by", "an aide", "--verified-how", "v", "--reason", "r")]
    [InlineData("mandate", "decide", "subjects/a", "--on", "2021-02-25", "--reason", "r")]
    [InlineData("precedent", "find", "--text-file", "missing.txt")]
    [InlineData("exports", "start")]
    [InlineData("exports", "start", "--api-key", "k", "--request-id", "no uuid")]
    [InlineData("exports", "start", "--api-key", "k", "--patience", "-1")]
    [InlineData("exports", "start", "--api-key", "k", "--intake", "not an address")]
    [InlineData("exports", "start", "--api-key", "k", "--intake", "http://intake.example.org")]
    [InlineData("exports", "download", "partners/p/operations/o", "--api-key", "k")]
    [InlineData("campaigns", "declare", "--id", "a", "--text-file", "missing.txt", "--api-key", "k")]
    public async Task Wrong_usage_ends_with_2_and_says_what_is_wrong(params string[] arguments)
    {
        var (exit, output, errors) = await CommandLine.RunAsync(_empty.FullName, arguments);
        Assert.Equal((2, ""), (exit, output));
        Assert.StartsWith("poc: ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("request", "list")]
    [InlineData("exports", "list", "--patience", "0")]
    public async Task A_service_that_is_not_there_ends_with_3(params string[] arguments)
    {
        var (exit, _, errors) = await CommandLine.RunAsync(_empty.FullName, [.. arguments, "--api-key", "k", "--intake", Nowhere]);
        Assert.Equal(3, exit);
        Assert.StartsWith("poc: Unavailable", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_minted_with_the_key_of_the_checkout_above()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var keys = _empty.CreateSubdirectory(".poc").CreateSubdirectory("keys");
        await File.WriteAllTextAsync(Path.Combine(keys.FullName, "staff.key"), Convert.ToBase64String(key.ExportPkcs8PrivateKey()), TestContext.Current.CancellationToken);
        var below = _empty.CreateSubdirectory("src").CreateSubdirectory("deep");

        var (exit, output, errors) = await CommandLine.RunAsync(below.FullName, "token", "--staff", "anna", "--role", "reviewer", "panel-chair", "--hours", "1", "--json");

        Assert.Equal((0, ""), (exit, errors));
        var token = JsonDocument.Parse(output).RootElement.GetProperty("token").GetString()!.Split('.');
        var claims = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token[1])).RootElement;
        Assert.Equal("anna", claims.GetProperty("sub").GetString());
        Assert.Equal(["reviewer", "panel-chair"], claims.GetProperty("role").EnumerateArray().Select(role => role.GetString()));
        Assert.Equal(3600, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
        Assert.True(key.VerifyData(System.Text.Encoding.ASCII.GetBytes($"{token[0]}.{token[1]}"), System.Buffers.Text.Base64Url.DecodeFromChars(token[2]), System.Security.Cryptography.HashAlgorithmName.SHA256));
    }

    public void Dispose() => _empty.Delete(recursive: true);
}
