using System.Buffers.Binary;
using Microsoft.Net.Http.Headers;
using Poc.Kernel.Tiles;
using Poc.Postgres;

namespace Poc.StatementArchive.Log;

/// <summary>
/// The log as files (C2SP tlog-tiles). Nothing is stored for it: a hash tile is 256 neighbours of one level of the tree, which the database holds as rows that
/// never change, committed with the tree head over them. So no tile can be half written, or differ from the proofs.
/// </summary>
public sealed class ServeTile(Database database)
{
    private const string HashesSql = "SELECT hash FROM log_nodes WHERE level = $1 AND index >= $2 AND index < $3 ORDER BY index";

    private const string EntriesSql = "SELECT body FROM log_entries WHERE index >= $1 AND index < $2 ORDER BY index";

    /// <summary><c>GET /tile/&lt;L&gt;/&lt;N&gt;[.p/&lt;W&gt;]</c>, for anyone: the hashes one after the other; 404 for what the newest checkpoint does not cover.</summary>
    public static Task<IResult> HashesAsync(ServeTile slice, HttpContext context) => slice.HandleAsync(context, isBundle: false);

    /// <summary>
    /// <c>GET /tile/entries/&lt;N&gt;[.p/&lt;W&gt;]</c>, for auditors: each entry after its length, big-endian in two bytes; 404 for what the newest checkpoint does not
    /// cover.
    /// </summary>
    public static Task<IResult> EntriesAsync(ServeTile slice, HttpContext context) => slice.HandleAsync(context, isBundle: true);

    private async Task<IResult> HandleAsync(HttpContext context, bool isBundle)
    {
        var tile = TilePath.Parse(context.Request.Path.Value!.TrimStart('/'));
        if (tile is not { } path || (path.Level == TilePath.Entries) != isBundle
            || await database.ReadAsync(tx => ReadAsync(tx, path), context.RequestAborted) is not { } parts)
        {
            return Results.NotFound();
        }

        // What has been signed never changes, so a tile, full or partial, never does either.
        context.Response.Headers[HeaderNames.CacheControl] = $"{(isBundle ? "private" : "public")}, max-age=31536000, immutable";
        return Results.Bytes(Join(parts, isBundle), "application/octet-stream");
    }

    private static async Task<IReadOnlyList<byte[]>?> ReadAsync(Tx tx, TilePath tile)
    {
        if (!tile.IsWithin(await LogReader.SignedSizeAsync(tx)))
        {
            return null;
        }

        var start = tile.Index * TilePath.Full;
        var parts = tile.Level == TilePath.Entries
            ? await tx.QueryAsync(EntriesSql, row => row.GetFieldValue<byte[]>(0), start, start + tile.Width)
            : await tx.QueryAsync(HashesSql, row => row.GetFieldValue<byte[]>(0), (short)(8 * tile.Level), start, start + tile.Width);
        return parts.Count == tile.Width ? parts : throw new LogInconsistentException($"{tile} is not stored in full.");
    }

    private static byte[] Join(IReadOnlyList<byte[]> parts, bool withLengths)
    {
        var prefix = withLengths ? sizeof(ushort) : 0;
        var joined = new byte[parts.Sum(part => prefix + part.Length)];
        var rest = joined.AsSpan();
        foreach (var part in parts)
        {
            if (withLengths)
            {
                BinaryPrimitives.WriteUInt16BigEndian(rest, checked((ushort)part.Length));
            }

            part.CopyTo(rest[prefix..]);
            rest = rest[(prefix + part.Length)..];
        }

        return joined;
    }
}
