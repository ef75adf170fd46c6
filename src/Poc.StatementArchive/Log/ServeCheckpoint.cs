using Microsoft.Net.Http.Headers;

namespace Poc.StatementArchive.Log;

/// <summary>The newest checkpoint over plain HTTP, where monitors of C2SP logs look for it.</summary>
public static class ServeCheckpoint
{
    /// <summary><c>GET /checkpoint</c>: the signed note as text, with the cosignatures that there are already; 503 while there is none.</summary>
    public static async Task<IResult> HandleAsync(GetCheckpoint slice, HttpContext context)
    {
        var newest = await slice.HandleAsync(context.RequestAborted);
        // The next one may be there any moment; monitors compare what they get, caches would hold it back.
        context.Response.Headers[HeaderNames.CacheControl] = "no-cache";
        // A note with more signatures begins with the one that has fewer.
        var isCosigned = newest.CosignedCheckpoint.StartsWith(newest.Checkpoint, StringComparison.Ordinal);
        return Results.Text(isCosigned ? newest.CosignedCheckpoint : newest.Checkpoint, "text/plain; charset=utf-8");
    }
}
