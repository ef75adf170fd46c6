using System.Text;

namespace Poc.Campaigns.Requests.Files;

/// <summary>
/// The requests of a file that is not in the order of time, put down once so that they can be read in that order: memory stays that of 16 bytes a request. The copy holds what people
/// wrote: nobody else can open it, and it is gone when this is closed or the process ends.
/// </summary>
internal sealed class RequestSpool : IDisposable
{
    private readonly FileStream file;
    private readonly BinaryWriter writer;
    private readonly List<(long At, long Offset)> places = [];

    internal RequestSpool(string folder)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            Options = FileOptions.DeleteOnClose | FileOptions.RandomAccess,
            BufferSize = 1 << 16,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        file = new(Path.Combine(folder, $".{Path.GetRandomFileName()}"), options);
        writer = new(file, Encoding.UTF8, leaveOpen: true);
    }

    public void Dispose()
    {
        writer.Dispose();
        file.Dispose();
    }

    internal void Add(CampaignRequest request)
    {
        places.Add((request.At, file.Position));
        foreach (var text in (ReadOnlySpan<string>)[request.Id, request.Account, request.Organisation, request.Language, request.Text])
        {
            writer.Write(text);
        }

        writer.Write7BitEncodedInt(request.Urls.Count);
        foreach (var url in request.Urls)
        {
            writer.Write(url);
        }
    }

    /// <summary>Requests in the order of time, of equal ones in that of the file, each with its place in the file among those that can be used.</summary>
    internal IEnumerable<(int Row, CampaignRequest Request)> InOrder()
    {
        writer.Flush();
        using var reader = new BinaryReader(file, Encoding.UTF8, leaveOpen: true);
        foreach (var row in Enumerable.Range(0, places.Count).OrderBy(row => places[row].At))
        {
            file.Position = places[row].Offset;
            var (id, account, organisation, language, text) = (reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadString(), reader.ReadString());
            var urls = new string[reader.Read7BitEncodedInt()];
            for (var i = 0; i < urls.Length; i++)
            {
                urls[i] = reader.ReadString();
            }

            yield return (row, new(id, places[row].At, account, organisation, language, text, urls));
        }
    }
}
