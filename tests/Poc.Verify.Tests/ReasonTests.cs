using System.Text.Json;
using System.Text.RegularExpressions;
using Poc.Testing;

namespace Poc.Verify.Tests;

public sealed class ReasonTests
{
    [Fact]
    public async Task Every_reason_is_documented_and_no_other()
    {
        var text = await File.ReadAllTextAsync(Checkout.Path("docs", "verify.md"), TestContext.Current.CancellationToken);
        var documented = Regex.Matches(text[text.IndexOf("## Reasons", StringComparison.Ordinal)..], @"^\| `([a-z_]+)` \|", RegexOptions.Multiline).Select(match => match.Groups[1].Value);
        Assert.Equal(Enum.GetNames<Reason>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName).Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }
}
