namespace Poc.Story;

/// <summary>What the command line and the environment say.</summary>
/// <param name="Keys">Folder with this checkout's development keys.</param>
/// <param name="Data">Folder with the story's data files.</param>
/// <param name="Transcript">Where the lines are written as well; null for nowhere.</param>
internal sealed record StoryArguments(string Keys, string Data, string? Transcript)
{
    public const string Usage = """
        Plays the reference story of Poc against a running stack, through the generated clients, as partners and staff would.
        It ends with a table of expected and answered outcomes. Running it again is harmless.

        Usage: Poc.Story [--keys <folder>] [--data <folder>] [--transcript <file>] [--help]

          --keys <folder>      Development keys of the stack; needs staff.key. Default: Story__Keys, or .poc/keys above this folder.
          --data <folder>      The story's data files. Default: data beside the program.
          --transcript <file>  Writes the lines there as well. Default: Story__Transcript, or nowhere.

        Addresses come from services__<service>__grpc__0 and services__mail__http__0, as the launcher sets them;
        without them the ports of the services' own settings on this machine are used.

        Ends with 0 when every outcome agrees, with 1 when one does not or the story could not be played to its end, with 2 on wrong usage.
        """;

    /// <exception cref="ArgumentException">The command line is not as <see cref="Usage"/> says.</exception>
    public static StoryArguments Parse(IReadOnlyList<string> arguments)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (arguments[i] is not ("--keys" or "--data" or "--transcript"))
            {
                throw new ArgumentException($"'{arguments[i]}' is not an option.");
            }

            if (i + 1 == arguments.Count || !given.TryAdd(arguments[i], arguments[i + 1]))
            {
                throw new ArgumentException($"{arguments[i]} takes one value, once.");
            }
        }

        return new StoryArguments(
            given.GetValueOrDefault("--keys") ?? Environment.GetEnvironmentVariable("Story__Keys") ?? FindKeys(),
            given.GetValueOrDefault("--data") ?? Path.Combine(AppContext.BaseDirectory, "data"),
            given.GetValueOrDefault("--transcript") ?? Environment.GetEnvironmentVariable("Story__Transcript"));
    }

    private static string FindKeys()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, ".poc", "keys")))
            {
                return Path.Combine(folder.FullName, ".poc", "keys");
            }
        }

        throw new ArgumentException("No .poc/keys is in this folder or above it: start the stack first, or name the folder with --keys.");
    }
}
