using System.Net;
using System.Net.Http.Headers;

namespace Poc.Verify.Logs;

/// <summary>Where a tile log's files are: a folder, or behind a URL.</summary>
internal abstract class TileSource
{
    /// <summary>Largest file, in bytes: a full bundle of 256 entries of 65,535 bytes each.</summary>
    protected const int MaxSize = 256 * (2 + ushort.MaxValue);

    /// <summary>The file, or null where there is none.</summary>
    public abstract Task<byte[]?> ReadAsync(string path, CancellationToken cancellation);

    /// <summary>All files, relative and with slashes; null where that cannot be known.</summary>
    public abstract IEnumerable<string>? List();

    /// <summary>The source by what the user named.</summary>
    /// <param name="place">A folder or a URL.</param>
    /// <param name="token">Bearer token for a URL; null for none.</param>
    public static TileSource Of(string place, string? token) => Uri.TryCreate(place, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
        ? new Web(new Uri(place.TrimEnd('/') + "/"), token)
        : new Folder(place);

    private sealed class Folder(string root) : TileSource
    {
        public override async Task<byte[]?> ReadAsync(string path, CancellationToken cancellation)
        {
            var file = System.IO.Path.Combine(root, path.Replace('/', System.IO.Path.DirectorySeparatorChar));
            return File.Exists(file) ? await Input.ReadAsync(file, MaxSize, cancellation) : null;
        }

        public override IEnumerable<string> List()
            => Directory.Exists(root)
                ? Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false })
                    .Select(file => System.IO.Path.GetRelativePath(root, file).Replace(System.IO.Path.DirectorySeparatorChar, '/'))
                : throw new RefusedException(Reason.FileMissing, root, "there is no such folder");
    }

    private sealed class Web(Uri root, string? token) : TileSource
    {
        private static readonly HttpClient _client = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All }) { Timeout = TimeSpan.FromSeconds(60) };

        public override async Task<byte[]?> ReadAsync(string path, CancellationToken cancellation)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(root, path));
                request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
                using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
                if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
                {
                    return null;
                }

                response.EnsureSuccessStatusCode();
                await using var body = await response.Content.ReadAsStreamAsync(cancellation);
                return await Input.ReadAsync(body, path, MaxSize, cancellation);
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                throw new RefusedException(Reason.Unreadable, path, e.Message);
            }
        }

        public override IEnumerable<string>? List() => null;
    }
}
