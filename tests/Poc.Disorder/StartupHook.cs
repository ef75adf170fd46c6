using System.Runtime.Loader;

/// <summary>
/// What the runtime calls in a process whose DOTNET_STARTUP_HOOKS names this assembly, before the program's own Main. It only lets the process find this assembly when its web host looks for
/// ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: the services themselves know nothing of it.
/// </summary>
internal sealed class StartupHook
{
    // The name and the form are the runtime's.
    public static void Initialize()
    {
        var folder = Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            File.Exists(Path.Combine(folder, $"{name.Name}.dll")) ? context.LoadFromAssemblyPath(Path.Combine(folder, $"{name.Name}.dll")) : null;
    }
}
