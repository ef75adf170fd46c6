namespace Poc.Testing;

/// <summary>The checkout that the tests run in.</summary>
public static class Checkout
{
    private static readonly Lazy<string> Folder = new(Find);

    /// <summary>A path in it.</summary>
    /// <param name="parts">Folders and file below the root; none for the root itself.</param>
    public static string Path(params string[] parts) => System.IO.Path.Combine([Folder.Value, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Poc.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("No Poc.sln above the tests: run them inside the checkout.");
    }
}
