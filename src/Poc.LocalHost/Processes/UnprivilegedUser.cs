using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Poc.LocalHost.Processes;

/// <summary>Running a server as somebody other than root, which PostgreSQL insists on.</summary>
public static class UnprivilegedUser
{
    /// <summary>The account for servers: <see langword="null"/> (the launcher's own) unless the launcher is root; then <c>postgres</c>, or <c>nobody</c> where there is none.</summary>
    public static string? ForServers => !Environment.IsPrivilegedProcess ? null
        : File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    /// <summary>The words to put before a command so that it runs as this account, in the same process.</summary>
    public static IReadOnlyList<string> Prefix(string? user) => user is null ? []
        : [Programs.Find("setpriv") ?? throw new InvalidOperationException("setpriv (package util-linux) is needed to run a server as an unprivileged user."),
            $"--reuid={user}", $"--regid={GroupOf(user)}", "--init-groups"];

    /// <summary>
    /// A folder for the server's data that this account owns and can reach. It is <paramref name="folder"/> itself where possible; where a folder above
    /// is closed to the account (a checkout under /root), it is one under /var/lib/poc, and <paramref name="folder"/> becomes a link to it.
    /// </summary>
    /// <returns>The real folder.</returns>
    public static async Task<string> OwnFolderAsync(string folder, string? user, CancellationToken cancellation)
    {
        if (user is null)
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            return folder;
        }

        if (new FileInfo(folder).LinkTarget is { } target)
        {
            if (Directory.Exists(target))
            {
                return target;
            }

            File.Delete(folder);
        }

        if (!Directory.Exists(folder))
        {
            await MakeAsync(folder, user, cancellation);
            if (!await CanUseAsync(folder, user, cancellation))
            {
                Directory.Delete(folder);
                var elsewhere = Elsewhere(folder);
                Directory.CreateDirectory("/var/lib/poc", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
                if (Directory.Exists(elsewhere))
                {
                    // Left by a checkout of the same path that was removed with its link: its password is lost, so its data are.
                    Directory.Delete(elsewhere, recursive: true);
                }

                await MakeAsync(elsewhere, user, cancellation);
                Directory.CreateSymbolicLink(folder, elsewhere);
                return elsewhere;
            }
        }

        return folder;
    }

    /// <summary>Removes a folder made by <see cref="OwnFolderAsync"/>, wherever it really is.</summary>
    public static void RemoveFolder(string folder)
    {
        if (new FileInfo(folder).LinkTarget is { } target)
        {
            if (target == Elsewhere(folder) && Directory.Exists(target))
            {
                Directory.Delete(target, recursive: true);
            }

            File.Delete(folder);
        }
        else if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs a short command as this account and gives its exit code and output.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string? user, IReadOnlyList<string> command, CancellationToken cancellation, string input = "")
    {
        List<string> words = [.. Prefix(user), .. command];
        var start = new ProcessStartInfo(words[0]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var word in words.Skip(1))
        {
            start.ArgumentList.Add(word);
        }

        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output + await errors);
    }

    private static string Elsewhere(string folder) =>
        Path.Combine("/var/lib/poc", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder))))[..16]);

    private static async Task<bool> CanUseAsync(string folder, string user, CancellationToken cancellation) =>
        (await RunAsync(user, ["test", "-w", folder, "-a", "-x", folder], cancellation)).ExitCode == 0;

    private static async Task MakeAsync(string folder, string user, CancellationToken cancellation)
    {
        var (code, output) = await RunAsync(null, ["install", "-d", "-m", "700", "-o", user, "-g", GroupOf(user), folder], cancellation);
        if (code != 0)
        {
            throw new InvalidOperationException($"{folder} cannot be made for {user}: {output.Trim()}");
        }
    }

    private static string GroupOf(string user) => File.ReadLines("/etc/passwd").Select(line => line.Split(':')).First(fields => fields[0] == user)[3];
}
