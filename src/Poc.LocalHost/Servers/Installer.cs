using System.Diagnostics;
using Poc.LocalHost.Processes;

namespace Poc.LocalHost.Servers;

/// <summary>
/// Installs the servers that the machine lacks from a Debian-like system's own packages. Only root can, and it happens without a question;
/// <c>POC_INSTALL=0</c> refuses it.
/// </summary>
public static class Installer
{
    private const string PolicyFile = "/usr/sbin/policy-rc.d";
    private const string Policy = "#!/bin/sh\n# Written by Poc while it installs packages, removed afterwards: no package starts a daemon meanwhile.\nexit 101\n";
    private const string LockFile = "/run/poc-install.lock";

    private static readonly (string Package, Func<string?> MissingReason)[] Known =
        [("postgresql", PostgresServer.MissingReason), ("rabbitmq-server", RabbitMqServer.MissingReason)];

    /// <summary>The packages that are missing, with the reason; empty when the servers asked for are there.</summary>
    /// <param name="packages">Of <c>postgresql</c> and <c>rabbitmq-server</c>, those that are needed.</param>
    public static IReadOnlyList<(string Package, string Reason)> Missing(params IReadOnlyCollection<string> packages) =>
        [.. from known in Known where packages.Contains(known.Package) let reason = known.MissingReason() where reason is not null select (known.Package, reason)];

    /// <summary>Whether this process may install: it is root, the system has <c>apt-get</c>, and <c>POC_INSTALL</c> is not 0.</summary>
    public static bool MayInstall =>
        Environment.IsPrivilegedProcess && Programs.Find("apt-get") is not null && Environment.GetEnvironmentVariable("POC_INSTALL") != "0";

    /// <summary>The command that installs packages, for a person to read and type.</summary>
    public static string CommandFor(IEnumerable<string> packages) =>
        $"{(Environment.IsPrivilegedProcess ? "" : "sudo ")}apt-get install --no-install-recommends {string.Join(' ', packages)}";

    /// <summary>Installs what is missing of the packages, if it may; otherwise says in one line how to.</summary>
    /// <param name="packages">Of <c>postgresql</c> and <c>rabbitmq-server</c>, those that are needed.</param>
    /// <param name="say">Hears what happens, one line at a time.</param>
    /// <param name="cancellation">Gives up waiting; a running installation goes on to its end, so that it leaves no half-configured package.</param>
    /// <exception cref="InvalidOperationException">Something is missing and may not, or could not, be installed. The message is one line with the command.</exception>
    public static async Task EnsureAsync(IReadOnlyCollection<string> packages, Action<string> say, CancellationToken cancellation)
    {
        if (Missing(packages).Count == 0)
        {
            return;
        }

        if (!MayInstall)
        {
            var missing = Missing(packages);
            throw new InvalidOperationException($"{string.Join("; ", missing.Select(item => item.Reason))}. Install with: {CommandFor(missing.Select(item => item.Package))}");
        }

        await using var turn = await TakeTurnAsync(cancellation);
        var wanted = Missing(packages); // Another run may have installed them while this one waited.
        if (wanted.Count > 0)
        {
            await InstallAsync([.. wanted.Select(item => item.Package)], say);
            if (Missing(packages) is [var still, ..])
            {
                throw new InvalidOperationException($"After installing: {still.Reason}");
            }
        }
    }

    /// <summary>Installs packages of which something is missing, if it may; otherwise says in one line how to.</summary>
    /// <param name="isComplete">Whether all that they bring is there.</param>
    /// <param name="packages">By the names of the system's packages.</param>
    /// <param name="say">Hears what happens, one line at a time.</param>
    /// <param name="cancellation">Gives up waiting; a running installation goes on to its end.</param>
    /// <exception cref="InvalidOperationException">Something is missing and may not, or could not, be installed. The message is one line with the command.</exception>
    public static async Task EnsureAsync(Func<Task<bool>> isComplete, IReadOnlyList<string> packages, Action<string> say, CancellationToken cancellation)
    {
        if (await isComplete())
        {
            return;
        }

        if (!MayInstall)
        {
            throw new InvalidOperationException($"Something is missing. Install with: {CommandFor(packages)}");
        }

        await using var turn = await TakeTurnAsync(cancellation);
        if (!await isComplete()) // Another run may have installed it while this one waited.
        {
            await InstallAsync(packages, say);
            if (!await isComplete())
            {
                throw new InvalidOperationException($"After installing {string.Join(' ', packages)} something is still missing.");
            }
        }
    }

    private static async Task InstallAsync(IReadOnlyList<string> packages, Action<string> say)
    {
        say($"installing {string.Join(" and ", packages)} ({CommandFor(packages)})");
        // Debian's PostgreSQL makes and starts a cluster "main" otherwise; this folder is read by the package and belongs to nobody's configuration file.
        Directory.CreateDirectory("/etc/postgresql-common/createcluster.d");
        await File.WriteAllTextAsync("/etc/postgresql-common/createcluster.d/poc.conf", "# Poc starts its own server in its own folder.\ncreate_main_cluster = false\n");
        var ownPolicy = !File.Exists(PolicyFile);
        if (ownPolicy)
        {
            await File.WriteAllTextAsync(PolicyFile, Policy);
            File.SetUnixFileMode(PolicyFile, (UnixFileMode)0b111_101_101);
        }

        try
        {
            // Lists may be stale or absent; a failed update is not the end where the packages can be had without it.
            var (updated, updateOutput) = await AptAsync(["update"]);
            var (installed, installOutput) = await AptAsync(["install", "-y", "--no-install-recommends", .. packages]);
            if (installed != 0)
            {
                throw new InvalidOperationException($"apt-get could not install {string.Join(' ', packages)}: {LastLine(installOutput)}{(updated == 0 ? "" : $" (and apt-get update: {LastLine(updateOutput)})")}");
            }
        }
        finally
        {
            if (ownPolicy && File.Exists(PolicyFile) && await File.ReadAllTextAsync(PolicyFile) == Policy)
            {
                File.Delete(PolicyFile);
            }
        }
    }

    private static async Task<(int ExitCode, string Output)> AptAsync(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(Programs.Find("setsid") ?? "setsid") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in (string[])["apt-get", "-q", "-o", "DPkg::Lock::Timeout=500", "-o", "Acquire::Retries=3", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var apt = Process.Start(start)!;
        apt.StandardInput.Close();
        var output = apt.StandardOutput.ReadToEndAsync();
        var errors = apt.StandardError.ReadToEndAsync();
        await apt.WaitForExitAsync();
        return (apt.ExitCode, await output + await errors);
    }

    private static async Task<FileStream> TakeTurnAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellation);
            }
        }
    }

    private static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "no output";
}
