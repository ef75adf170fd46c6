using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.Intake.Tests.Samples;

/// <summary>What every sample client must do, in whatever language it is written: each takes the same arguments, prints the same lines and ends with the same exit codes.</summary>
public abstract class SampleTests(IntakeStack stack) : IAsyncLifetime
{
    public abstract ValueTask InitializeAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

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

    /// <summary>Runs the sample's program.</summary>
    /// <param name="arguments">Of its command line.</param>
    /// <param name="apiKey">What POC_API_KEY shall be.</param>
    private protected abstract Task<ForeignAnswer> RunAsync(IReadOnlyList<string> arguments, (string Name, string Value) apiKey);

    private Task<ForeignAnswer> SubmitAsync(string address, string apiKey, string requestId, params string[] more) => RunAsync(
        [
            "--address", address["http://".Length..], "--request-id", requestId, "--kind", "delist", "--relation", "third-party",
            "--subject", "subjects/navalny", "--text", "Просим взглянуть ещё раз. (synthetic)", "--language", "ru", "--criterion", "advocacy-of-violence", .. more,
        ],
        ("POC_API_KEY", apiKey));
}
