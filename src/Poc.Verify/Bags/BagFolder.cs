namespace Poc.Verify.Bags;

/// <summary>The files of a bag's folder. Links are never followed: what they lead to is not part of the bag.</summary>
internal sealed class BagFolder
{
    private static readonly EnumerationOptions _all = new() { RecurseSubdirectories = false, AttributesToSkip = 0, IgnoreInaccessible = false };
    private readonly string _root;

    private BagFolder(string root, IReadOnlyDictionary<string, long> files)
    {
        _root = root;
        Files = files;
    }

    /// <summary>Size of every file by its path, relative to the bag and with slashes.</summary>
    public IReadOnlyDictionary<string, long> Files { get; }

    public static BagFolder Open(string root, Report report)
    {
        if (!Directory.Exists(root))
        {
            throw new RefusedException(Reason.FileMissing, root, "there is no such folder");
        }

        if (!Directory.Exists(Path.Combine(root, "data")))
        {
            report.Fail(Reason.FileMissing, "data/", "a bag has a folder for its payload, if an empty one");
        }

        var files = new Dictionary<string, long>(StringComparer.Ordinal);
        var folders = new Stack<DirectoryInfo>([new DirectoryInfo(root)]);
        while (folders.TryPop(out var folder))
        {
            foreach (var found in folder.EnumerateFileSystemInfos("*", _all))
            {
                var path = Path.GetRelativePath(root, found.FullName).Replace(Path.DirectorySeparatorChar, '/');
                if (found.LinkTarget is not null)
                {
                    report.Fail(Reason.PathUnsafe, path, "it is a link");
                }
                else if (found is DirectoryInfo inner)
                {
                    folders.Push(inner);
                }
                else
                {
                    files.Add(path, ((FileInfo)found).Length);
                }
            }
        }

        return new BagFolder(root, files);
    }

    /// <summary>Where a file is on the disk.</summary>
    public string PathOf(string path) => Path.Combine(_root, path.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Opens a file to read it from its beginning.</summary>
    /// <exception cref="RefusedException">It cannot be read.</exception>
    public Stream Read(string path)
    {
        try
        {
            return new FileStream(PathOf(path), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(Reason.Unreadable, path, e.Message);
        }
    }
}
