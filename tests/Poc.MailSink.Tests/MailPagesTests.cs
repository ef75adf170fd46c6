using System.Net;
using System.Text.RegularExpressions;

namespace Poc.MailSink.Tests;

public sealed partial class MailPagesTests
{
    private const string Script = "<script>alert('x')</script>";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_page_shows_messages_as_text_whatever_they_hold()
    {
        await using var sink = await Sink.StartAsync();
        await sink.SendAsync(Sink.Mail(subject: Script, text: "Привіт " + Script));

        using var response = await sink.Http.GetAsync(new Uri("/", UriKind.Relative), Ended);
        var page = await response.Content.ReadAsStringAsync(Ended);

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
        Assert.Contains("Привіт", WebUtility.HtmlDecode(page), StringComparison.Ordinal);
        Assert.Contains("anna@example.org", page, StringComparison.Ordinal);
        var policy = response.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_policy_allows_exactly_the_pages_own_style()
    {
        await using var sink = await Sink.StartAsync();

        using var response = await sink.Http.GetAsync(new Uri("/", UriKind.Relative), Ended);
        var style = StylePattern().Match(await response.Content.ReadAsStringAsync(Ended)).Groups[1].Value;

        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(style)));
        Assert.Contains($"'sha256-{hash}'", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_is_given_out_raw_and_harmless()
    {
        await using var sink = await Sink.StartAsync();
        await sink.SendAsync(Sink.Mail(text: Script));
        var id = (await sink.ListAsync()).Single().Id;

        using var response = await sink.Http.GetAsync(new Uri($"/messages/{id}", UriKind.Relative), Ended);

        Assert.Equal("message/rfc822", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(HttpStatusCode.NotFound, (await sink.Http.GetAsync(new Uri($"/messages/{Guid.Empty}", UriKind.Relative), Ended)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await sink.Http.GetAsync(new Uri("/messages/..%2f..%2fetc%2fpasswd", UriKind.Relative), Ended)).StatusCode);
    }

    [Fact]
    public async Task Messages_are_found_by_recipient_and_by_time()
    {
        await using var sink = await Sink.StartAsync();
        await sink.SendAsync(Sink.Mail("anna@example.org", "1"));
        await sink.SendAsync(Sink.Mail("boris@example.org", "2"));
        await sink.SendAsync(Sink.Mail("anna@example.org", "3"));
        var all = await sink.ListAsync();

        Assert.Equal(["1", "3"], (await sink.ListAsync("?to=Anna@example.org")).Select(static message => message.Subject));
        Assert.Equal(["2", "3"], (await sink.ListAsync("?since=" + Uri.EscapeDataString(all[1].ReceivedAt.ToString("O")))).Select(static message => message.Subject));
        Assert.Equal(["3"], (await sink.ListAsync("?to=anna@example.org&since=" + Uri.EscapeDataString(all[1].ReceivedAt.ToString("O")))).Select(static message => message.Subject));
        Assert.Equal(HttpStatusCode.BadRequest, (await sink.Http.GetAsync(new Uri("/messages?since=yesterday", UriKind.Relative), Ended)).StatusCode);
    }

    [Fact]
    public async Task It_says_that_it_is_alive_and_ready()
    {
        await using var sink = await Sink.StartAsync();

        Assert.Contains("\"self\":\"Healthy\"", await sink.Http.GetStringAsync(new Uri("/alive", UriKind.Relative), Ended), StringComparison.Ordinal);
        Assert.Contains("\"smtp\":\"Healthy\"", await sink.Http.GetStringAsync(new Uri("/health", UriKind.Relative), Ended), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_are_asked_for_in_development_only()
    {
        await using var sink = await Sink.StartAsync(environment: "Production");

        Assert.Equal(HttpStatusCode.NotFound, (await sink.Http.PostAsync("/refusals?next=1", null, Ended)).StatusCode);
    }

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex StylePattern();
}
