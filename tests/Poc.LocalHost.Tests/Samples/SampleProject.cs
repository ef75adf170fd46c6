using Poc.LocalHost.Running;

namespace Poc.LocalHost.Tests.Samples;

/// <summary>A project that consists of its settings alone, in the folder that the current test made.</summary>
[ProgramPath("/nowhere/program.dll")]
internal sealed class SampleProject : IProjectMetadata, IDisposable
{
    private static readonly AsyncLocal<string?> Folder = new();

    public string ProjectPath => Path.Combine(Folder.Value!, "Sample.csproj");

    public static SampleProject In(string folder, string? appSettings = null, string? launchSettings = null)
    {
        Directory.CreateDirectory(Path.Combine(folder, "Properties"));
        if (appSettings is not null)
        {
            File.WriteAllText(Path.Combine(folder, "appsettings.json"), appSettings);
        }

        if (launchSettings is not null)
        {
            File.WriteAllText(Path.Combine(folder, "Properties", "launchSettings.json"), launchSettings);
        }

        Folder.Value = folder;
        return new();
    }

    public void Dispose() => Folder.Value = null;
}
