using System.Globalization;

namespace Poc.Campaigns.Requests.Files;

/// <summary>A row that could not be taken.</summary>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Reason">Which column, and why.</param>
public sealed record BadRow(long Line, string Reason);

/// <summary>The input cannot be read as what it should be.</summary>
public sealed class InputException(string message) : Exception(message);

/// <summary>
/// A CSV file of requests with the columns <c>id, ts, account, org, lang, text, urls</c> in any order, others are ignored: <c>ts</c> in Unix seconds, <c>org</c> empty for individuals,
/// <c>urls</c> separated by spaces.
/// </summary>
internal sealed class RequestFile : IDisposable
{
    private static readonly string[] Columns = ["id", "ts", "account", "org", "lang", "text", "urls"];
    private readonly FileStream stream;
    private readonly CsvRows rows;
    private readonly int[] at;
    private readonly int width;

    internal RequestFile(string path)
    {
        stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        rows = new CsvRows(stream);
        var header = rows.Read() ?? throw new InputException($"{path}: the file is empty; it needs a header line: {string.Join(',', Columns)}");
        var names = header.Fields.Select(static name => name.Trim().ToLowerInvariant()).ToList();
        at = [.. Columns.Select(column => names.IndexOf(column))];
        var missing = Columns.Where((_, i) => at[i] < 0).ToList();
        if (missing.Count > 0)
        {
            throw new InputException($"{path}: line 1: missing column{(missing.Count > 1 ? "s" : "")} {string.Join(", ", missing)}; the header must name {string.Join(',', Columns)}");
        }

        width = names.Count;
    }

    internal long Length => stream.Length;

    public void Dispose() => stream.Dispose();

    /// <summary>The rows in the order of the file; a bad one has no request.</summary>
    internal IEnumerable<(string Id, CampaignRequest? Request, BadRow? Bad, long Offset)> Read()
    {
        while (rows.Read() is { } row)
        {
            yield return Parse(row);
        }
    }

    internal CampaignRequest ReadAt(long offset)
    {
        rows.Seek(offset);
        return Parse(rows.Read()!.Value).Request!;
    }

    private (string Id, CampaignRequest? Request, BadRow? Bad, long Offset) Parse(CsvRow row)
    {
        var id = row.Fields.Count > at[0] ? row.Fields[at[0]] : "";
        var reason = row.Error;
        long seconds = 0;
        if (reason is null && row.Fields.Count != width)
        {
            reason = $"{row.Fields.Count} columns instead of {width}";
        }
        else if (reason is null && id.Length == 0)
        {
            reason = "column id: empty";
        }
        else if (reason is null && (!long.TryParse(row.Fields[at[1]], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out seconds) || seconds is < 0 or > 253_402_300_799))
        {
            reason = $"column ts: \"{Shortened(row.Fields[at[1]])}\" is no time in whole Unix seconds";
        }
        else if (reason is null && row.Fields[at[2]].Length == 0 && row.Fields[at[3]].Length == 0)
        {
            reason = "columns account and org: both empty, so its source is unknown";
        }

        if (reason is not null)
        {
            return (id, null, new BadRow(row.Line, reason), row.Offset);
        }

        var urls = row.Fields[at[6]].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return (id, new CampaignRequest(id, seconds, row.Fields[at[2]], row.Fields[at[3]], row.Fields[at[4]], row.Fields[at[5]], urls), null, row.Offset);
    }

    private static string Shortened(string value) => value.Length <= 40 ? value : value[..40] + "…";
}
