using System.Globalization;
using Poc.Campaigns.Input;

namespace Poc.Campaigns.Requests.Files;

/// <summary>
/// A file of requests with the columns <c>id, ts, account, org, lang, text, urls</c> in any order, others are ignored: <c>ts</c> in Unix seconds, <c>org</c> empty for individuals,
/// <c>urls</c> separated by spaces.
/// </summary>
internal sealed class RequestFile(string path, bool strict) : IDisposable
{
    private const int Id = 0, Time = 1, Account = 2, Organisation = 3, Language = 4, Body = 5, Links = 6;
    private const long LatestTime = 253_402_300_799;

    private static readonly string[] Columns = ["id", "ts", "account", "org", "lang", "text", "urls"];
    private readonly RowReader rows = RowReader.Open(path, Columns, strict);

    /// <summary>What was wrong with rows so far.</summary>
    internal RowIssues Issues => rows.Issues;

    /// <summary>Share of the file that was read, 0 to 1.</summary>
    internal double Progress => rows.Progress;

    public void Dispose() => rows.Dispose();

    /// <summary>The rows in the order of the file; one that cannot be used has no request. Malformed rows, of which not even the id is known, are left out.</summary>
    /// <exception cref="InputException">The file breaks off, or a row is bad and every row must be good.</exception>
    internal IEnumerable<(string Id, CampaignRequest? Request)> Read()
    {
        while (rows.Read())
        {
            yield return (rows.Text(Id), Request());
        }
    }

    private CampaignRequest? Request()
    {
        if (rows.Field(Id).IsEmpty)
        {
            rows.Reject(Id, "empty");
        }
        else if (!TryTime(rows.Field(Time), out var seconds))
        {
            var text = rows.Text(Time);
            rows.Reject(Time, $"\"{(text.Length <= 40 ? text : text[..40] + "…")}\" is no time in whole Unix seconds");
        }
        else if (rows.Field(Account).IsEmpty && rows.Field(Organisation).IsEmpty)
        {
            rows.Reject(Account, "empty, and org too: its source is unknown");
        }
        else
        {
            var urls = rows.Text(Links).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            return new(rows.Text(Id), seconds, rows.Text(Account), rows.Text(Organisation), rows.Text(Language), rows.Text(Body), urls);
        }

        return null;
    }

    private static bool TryTime(ReadOnlySpan<byte> field, out long seconds) =>
        long.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out seconds) && seconds is >= 0 and <= LatestTime;
}
