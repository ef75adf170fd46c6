using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Text;
using Poc.Kernel.Notes;
using Poc.Kernel.Stamps;
using Poc.Postgres;

namespace Poc.StatementArchive.TimeStamps;

/// <summary>An authority gave no time-stamp, or none that holds. Nothing follows for the log; it is asked again later.</summary>
public sealed class StampFailedException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Asks authorities for time-stamps over checkpoints (RFC 3161 over HTTP), and keeps those that hold.</summary>
public sealed class StampClient(IHttpClientFactory clients, Database database, StampMetrics metrics, TimeProvider clock)
{
    private const string ClientName = "timestamp";
    private const string QueryType = "application/timestamp-query";
    private const int NonceSize = 8;

    // A token with its certificates has some 5 KiB.
    private const int MaxAnswer = 256 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    // A stamp is evidence of its time; one whose clock is wrong is worse than none.
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(10);

    /// <summary>A client that takes no more and waits no longer than an authority needs, and goes nowhere else on its word.</summary>
    public static void Add(IServiceCollection services) => services
        .AddHttpClient(ClientName, static http => (http.Timeout, http.MaxResponseContentBufferSize) = (Timeout, MaxAnswer))
        .RemoveAllLoggers() // what comes of each is said once, by name
        .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Timeout / 2 });

    /// <summary>Has the text of a checkpoint stamped. Answers when the stamp is verified and on disk.</summary>
    /// <exception cref="StampFailedException">The authority did not answer, refused, or sent what does not hold.</exception>
    public async Task StampAsync(Authority authority, Checkpoint checkpoint, CancellationToken cancellation)
    {
        try
        {
            var stamp = await AskAsync(authority, Encoding.UTF8.GetBytes(checkpoint.ToString()), cancellation);
            await database.InTransactionAsync(tx => StoredStamps.AddAsync(tx, new StoredStamp(checkpoint.Size, authority.Name, stamp.Token), stamp.At), cancellation);
            metrics.Asked(authority.Name, isGranted: true);
        }
        catch (StampFailedException)
        {
            metrics.Asked(authority.Name, isGranted: false);
            throw;
        }
    }

    private async Task<TimeStamp> AskAsync(Authority authority, byte[] text, CancellationToken cancellation)
    {
        var request = Rfc3161TimestampRequest.CreateFromData(
            text, HashAlgorithmName.SHA256, nonce: RandomNumberGenerator.GetBytes(NonceSize), requestSignerCertificates: true);
        try
        {
            // Says that the answer is to this request: its nonce and imprint. Whether to believe it is looked at after that.
            var token = request.ProcessResponse(await PostAsync(authority, request.Encode(), cancellation), out _);
            var stamp = TimeStamp.Verify(token.AsSignedCms().Encode(), text, [authority.Certificate]);
            var skew = stamp.At - clock.GetUtcNow();
            return skew.Duration() <= MaxSkew
                ? stamp
                : throw new StampFailedException(string.Create(CultureInfo.InvariantCulture, $"Its clock and ours are {skew.Duration().TotalSeconds:F0} s apart."));
        }
        catch (CryptographicException problem)
        {
            throw new StampFailedException($"Its answer is not a time-stamp for what was asked: {problem.Message}", problem);
        }
        catch (StampException problem)
        {
            throw new StampFailedException($"Its time-stamp does not hold: {problem.Message}", problem);
        }
    }

    private async Task<byte[]> PostAsync(Authority authority, byte[] query, CancellationToken cancellation)
    {
        using var http = clients.CreateClient(ClientName);
        using var content = new ByteArrayContent(query) { Headers = { ContentType = new MediaTypeHeaderValue(QueryType) } };
        try
        {
            using var answer = await http.PostAsync(authority.Address, content, cancellation);
            return answer.IsSuccessStatusCode
                ? await answer.Content.ReadAsByteArrayAsync(cancellation)
                : throw new StampFailedException(string.Create(CultureInfo.InvariantCulture, $"It answered {(int)answer.StatusCode}."));
        }
        catch (Exception away) when (away is HttpRequestException || (away is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new StampFailedException($"It did not answer: {away.Message}", away);
        }
    }
}
