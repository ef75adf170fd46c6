using System.Diagnostics;
using Poc.LocalHost.Servers;
using Xunit;

namespace Poc.Testing;

/// <summary>What a program of another language said.</summary>
/// <param name="ExitCode">As it ended.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Errors">Standard error.</param>
public sealed record ForeignAnswer(int ExitCode, string Output, string Errors);

/// <summary>Programs of other languages, run as a partner would run them.</summary>
public static class Foreign
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Name or path.</param>
    /// <param name="arguments">One by one, nothing is split.</param>
    /// <param name="environment">Variables beside those of the tests.</param>
    public static async Task<ForeignAnswer> RunAsync(string program, IReadOnlyList<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Ended);
        var errors = process.StandardError.ReadToEndAsync(Ended);
        await process.WaitForExitAsync(Ended);
        return new ForeignAnswer(process.ExitCode, await output, await errors);
    }

    /// <summary>Runs a step of a sample's preparation.</summary>
    /// <param name="program">Name or path.</param>
    /// <param name="arguments">One by one, nothing is split.</param>
    /// <param name="environment">Variables beside those of the tests.</param>
    /// <exception cref="InvalidOperationException">It ended with another exit code than 0; the message has what it said.</exception>
    public static async Task PrepareAsync(string program, IReadOnlyList<string> arguments, params (string Name, string Value)[] environment)
    {
        var answer = await RunAsync(program, arguments, environment);
        if (answer.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {answer.ExitCode}: {answer.Errors}{answer.Output}");
        }
    }

    /// <summary>Makes sure that what a sample needs is installed: by Debian's own packages where this process may, else the test is skipped (or fails where <c>CI=true</c>).</summary>
    /// <param name="isComplete">Whether all of it is there.</param>
    /// <param name="packages">The packages that bring it.</param>
    public static async Task RequireAsync(Func<Task<bool>> isComplete, params string[] packages)
    {
        try
        {
            await Installer.EnsureAsync(isComplete, packages, static line => Console.Error.WriteLine($"tests: {line}"), Ended);
        }
        catch (InvalidOperationException missing)
        {
            Servers.Lacking(missing.Message);
        }
    }
}
