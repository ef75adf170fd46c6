using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using MimeKit;

namespace Poc.Story.Stack;

/// <summary>The mail sink's readable outbox: what recipients would find in their mailboxes.</summary>
internal sealed partial class Mailboxes(Uri sink, Awaiting awaiting) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = sink, Timeout = TimeSpan.FromSeconds(15) };
    private readonly ConcurrentDictionary<Guid, IReadOnlyList<string>> _read = new();

    /// <summary>The secret references in the links of the mails to an address, newest mail first.</summary>
    public async Task<IReadOnlyList<string>> ReferencesToAsync(string address, CancellationToken cancellation)
    {
        var mails = await GetAsync($"messages?to={Uri.EscapeDataString(address)}", static async (content, token) => await content.ReadFromJsonAsync<List<ListedMail>>(token) ?? [], cancellation);
        var references = new List<string>();
        foreach (var mail in Enumerable.Reverse(mails))
        {
            if (!_read.TryGetValue(mail.Id, out var found))
            {
                found = await GetAsync($"messages/{mail.Id}", ReferencesInAsync, cancellation);
                _read[mail.Id] = found;
            }

            references.AddRange(found);
        }

        return references;
    }

    public void Dispose() => _client.Dispose();

    private static async Task<IReadOnlyList<string>> ReferencesInAsync(HttpContent content, CancellationToken cancellation)
    {
        using var mail = await MimeMessage.LoadAsync(await content.ReadAsStreamAsync(cancellation), cancellation);
        return [.. Links().Matches(mail.TextBody ?? "").Select(static match => match.Groups["reference"].Value).Distinct(StringComparer.Ordinal)];
    }

    private async Task<T> GetAsync<T>(string path, Func<HttpContent, CancellationToken, Task<T>> read, CancellationToken cancellation) where T : class
    {
        string? problem = null;
        return (await awaiting.UntilAsync("the mail sink to answer", async () =>
        {
            try
            {
                using var response = await _client.GetAsync(path, cancellation);
                response.EnsureSuccessStatusCode();
                return await read(response.Content, cancellation);
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException || (broken is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                problem = broken.Message;
                return null;
            }
        }, static answer => answer is not null, _ => problem ?? "no answer", cancellation))!;
    }

    // A reference is the last segment of a link; nothing shorter than 128 bits could be one.
    [GeneratedRegex(@"https?://[^\s<>""]*[/=](?<reference>[A-Za-z0-9_-]{22,})")]
    private static partial Regex Links();

    private sealed record ListedMail(Guid Id);
}
