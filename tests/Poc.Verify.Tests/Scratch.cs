using System.Text.Json;

namespace Poc.Verify.Tests;

/// <summary>What the program answered.</summary>
/// <param name="ExitCode">As the shell sees it.</param>
/// <param name="Reasons">The named reasons, in order.</param>
/// <param name="Output">All that it printed.</param>
public sealed record Answer(int ExitCode, IReadOnlyList<string> Reasons, string Output);

/// <summary>A folder of its own for a test, and the program run on it.</summary>
public abstract class Scratch : IDisposable
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("poc-verify-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected static async Task<Answer> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await VerifyCommand.RunAsync([.. args, "--json"], output, errors);
        if (code == VerifyCommand.WrongUsage)
        {
            return new Answer(code, [], errors.ToString());
        }

        using var json = JsonDocument.Parse(output.ToString());
        var reasons = json.RootElement.GetProperty("failures").EnumerateArray().Select(failure => failure.GetProperty("reason").GetString()!);
        return new Answer(code, [.. reasons], output.ToString());
    }

    protected string PathOf(string name) => System.IO.Path.Combine(Folder, name.Replace('/', System.IO.Path.DirectorySeparatorChar));

    protected string Write(string name, byte[] bytes)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    protected string Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));
}
