using System.Globalization;
using System.Net;
using System.Text;

namespace Poc.StatementArchive.Witnesses;

/// <summary>What a witness answered.</summary>
public abstract record WitnessAnswer
{
    /// <summary>200: signature lines, not verified yet.</summary>
    /// <param name="Lines">As they came.</param>
    public sealed record Cosigned(string Lines) : WitnessAnswer;

    /// <summary>409: the witness knows a tree of another size, or another tree of that size.</summary>
    /// <param name="Size">Size of the tree that it knows.</param>
    public sealed record Knows(long Size) : WitnessAnswer;

    /// <summary>422: the proof did not lead from the tree that it knows to the one it was shown.</summary>
    public sealed record Unproven : WitnessAnswer;
}

/// <summary>A witness did not answer, or not as C2SP tlog-witness says. Nothing follows for the log; ask again later.</summary>
public sealed class WitnessFailedException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Speaks C2SP tlog-witness.</summary>
public sealed class WitnessClient(IHttpClientFactory clients)
{
    /// <summary>Name of the HTTP client.</summary>
    public const string ClientName = "witness";

    // A cosignature line has about 200 bytes, and a witness may send several.
    private const int MaxAnswer = 16 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>A client that takes no more and waits no longer than a witness needs, and goes nowhere else on its word.</summary>
    /// <remarks>It does not try again by itself: <see cref="WitnessSender"/> does, with what is the newest checkpoint by then.</remarks>
    public static void Add(IServiceCollection services) => services
        .AddHttpClient(ClientName, static http => (http.Timeout, http.MaxResponseContentBufferSize) = (Timeout, MaxAnswer))
        .RemoveAllLoggers() // what comes of each is said once, by name
        .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = Timeout / 2 });

    /// <summary>Asks for a cosignature.</summary>
    /// <param name="witness">Whom.</param>
    /// <param name="oldSize">Size of the tree that the witness is thought to know.</param>
    /// <param name="proof">From there to the checkpoint.</param>
    /// <param name="note">The signed checkpoint.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="WitnessFailedException">It did not answer, or with nothing that says anything of the log.</exception>
    public async Task<WitnessAnswer> AddCheckpointAsync(Witness witness, long oldSize, IReadOnlyList<byte[]> proof, string note, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(Body(oldSize, proof, note)));
        content.Headers.ContentType = new("text/plain") { CharSet = "utf-8" };
        try
        {
            using var http = clients.CreateClient(ClientName);
            using var answer = await http.PostAsync(witness.AddCheckpoint, content, cancellation);
            var body = await answer.Content.ReadAsStringAsync(cancellation);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => new WitnessAnswer.Cosigned(body),
                HttpStatusCode.Conflict when long.TryParse(body.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var size) => new WitnessAnswer.Knows(size),
                HttpStatusCode.UnprocessableEntity => new WitnessAnswer.Unproven(),
                // What it says beside the status is a stranger's text.
                var status => throw new WitnessFailedException(string.Create(CultureInfo.InvariantCulture, $"It answered {(int)status}.")),
            };
        }
        catch (Exception problem) when (problem is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw new WitnessFailedException(problem.Message, problem);
        }
    }

    private static string Body(long oldSize, IReadOnlyList<byte[]> proof, string note)
    {
        var body = new StringBuilder().Append(CultureInfo.InvariantCulture, $"old {oldSize}\n");
        foreach (var hash in proof)
        {
            body.Append(Convert.ToBase64String(hash)).Append('\n');
        }

        return body.Append('\n').Append(note).ToString();
    }
}
