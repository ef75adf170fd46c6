using System.Globalization;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.RegularExpressions;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.EndToEnd.Tests;

/// <summary>
/// The whole stack, launched as a user does it, by the AppHost: on free ports, with a state folder of the test's own. Its processes end with the test process,
/// however that ends.
/// </summary>
internal sealed partial class LaunchedStack : IAsyncDisposable
{
    /// <summary>Long enough for a cold start of every server and service on a machine that is busy with other things.</summary>
    public static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(150);

    /// <summary>Long enough for the story on such a machine.</summary>
    public static readonly TimeSpan StoryPatience = TimeSpan.FromSeconds(240);

    private const string MarkName = "POC_END_TO_END_TEST";
    private static readonly HttpClient s_client = new() { Timeout = TimeSpan.FromSeconds(15) };
    private readonly string _mark = Guid.CreateVersion7().ToString();

    private LaunchedStack(string state) => State = state;

    /// <summary>The state folder.</summary>
    public string State { get; }

    /// <summary>The launcher.</summary>
    public ChildProcess AppHost { get; private set; } = null!;

    /// <summary>A new state folder, which goes with the test process.</summary>
    public static string NewState() => Path.Combine(Servers.Folder, $"stack-{Guid.CreateVersion7().ToString("N")[20..]}");

    /// <summary>Launches the stack; it is not ready yet.</summary>
    /// <param name="state">The state folder; what an earlier run left there is found again.</param>
    /// <param name="playStory">Plays the story and ends with it, as the README's first command does.</param>
    /// <param name="collector">Where telemetry goes; null for nowhere.</param>
    /// <param name="environment">What else every process of the stack finds in its environment.</param>
    public static LaunchedStack Launch(string state, bool playStory, string? collector = null, IReadOnlyDictionary<string, string?>? environment = null)
    {
        if (Built("UseAspire") == "true")
        {
            Servers.Lacking("This build uses real Aspire, which needs a container engine; these tests are for the local processes.");
        }

        Directory.CreateDirectory(state);
        var stack = new LaunchedStack(state);
        stack.AppHost = ChildProcess.Start(new ChildProcessOptions("apphost", Programs.Find("dotnet") ?? "dotnet",
            [Path.GetFullPath(Built("AppHost")), .. playStory ? (string[])["--story"] : [], "--StateFolder", state, "--DcpPublisher:RandomizePorts", "true"])
        {
            WorkingFolder = Path.GetDirectoryName(Path.GetFullPath(Built("AppHost")))!,
            LogFile = Path.Combine(Servers.Folder, $"{Path.GetFileName(state)}.log"),
            Environment = new Dictionary<string, string?>(environment ?? new Dictionary<string, string?>())
            {
                [MarkName] = stack._mark,
                ["MailSink__Folder"] = Path.Combine(state, "mail"),
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector,
            },
        }, Servers.Processes);
        return stack;
    }

    /// <summary>What the launcher and the story said, for a failure's message.</summary>
    public string Log => string.Join('\n', AppHost.LastLines(80));

    /// <summary>The lines the story has told so far.</summary>
    public IReadOnlyList<string> Transcript
    {
        get
        {
            var file = Path.Combine(State, "story", "transcript.txt");
            if (!File.Exists(file))
            {
                return [];
            }

            using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    /// <summary>Waits until every resource is healthy.</summary>
    public Task ReadyAsync() => WaitAsync(
        async () => (await ResourcesAsync()).Count(static resource => Services.Contains(resource.Name) && resource.Health == "Healthy") == Services.Count,
        StartPatience,
        "every service to be healthy");

    /// <summary>The four services, and the mail sink.</summary>
    public static IReadOnlyList<string> Services { get; } = ["archive", "intake", "review", "notification", "mail"];

    /// <summary>Waits for the story to end; gives its exit code.</summary>
    public async Task<int> EndAsync()
    {
        try
        {
            return await AppHost.Exited.WaitAsync(StartPatience + StoryPatience, TimeProvider.System, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The story did not end. The launcher's last lines:\n{Log}");
        }
    }

    /// <summary>Waits for a condition, unless the launcher ends before.</summary>
    public async Task WaitAsync(Func<Task<bool>> condition, TimeSpan deadline, string what)
    {
        try
        {
            await Eventually.BecomesTrueAsync(async () => AppHost.Exited.IsCompleted || await condition(), deadline, what);
        }
        catch (TimeoutException problem)
        {
            throw new TimeoutException($"{problem.Message}. The launcher's last lines:\n{Log}", problem);
        }

        if (AppHost.Exited.IsCompleted)
        {
            throw new InvalidOperationException($"The launcher ended with {await AppHost.Exited} before {what}. Its last lines:\n{Log}");
        }
    }

    /// <summary>The resources as the status page has them.</summary>
    public async Task<IReadOnlyList<ResourceStatus>> ResourcesAsync()
    {
        var said = Path.Combine(State, "launcher");
        return File.Exists(said) && StatusPage().Match(await File.ReadAllTextAsync(said)) is { Success: true } match
            ? await s_client.GetFromJsonAsync<List<ResourceStatus>>($"{match.Value}/resources") ?? []
            : [];
    }

    public async Task<ResourceStatus> ResourceAsync(string name) => (await ResourcesAsync()).Single(resource => resource.Name == name);

    /// <summary>Ends a service at once, as a crash would, and waits until the launcher has it back, healthy, as another process.</summary>
    public async Task KillAsync(string service)
    {
        var before = (await ResourceAsync(service)).Processes;
        foreach (var process in before)
        {
            ProcessIdentity.Of(process)?.Signal(Signals.Kill);
        }

        await WaitAsync(async () => await ResourceAsync(service) is { Health: "Healthy" } now && now.Processes.Count > 0 && !now.Processes.Intersect(before).Any(),
            StartPatience, $"{service} to be back after kill -9");
    }

    /// <summary>Plays the story against the running stack, as a program of its own; gives its exit code and lines.</summary>
    public async Task<(int ExitCode, IReadOnlyList<string> Lines)> PlayAsync()
    {
        var log = Path.Combine(Servers.Folder, $"story-{Guid.CreateVersion7():N}.log");
        var environment = await ClientEnvironmentAsync();
        environment["Story__Transcript"] = null;
        string[] arguments = [Path.GetFullPath(Built("Story")), "--keys", Path.Combine(State, "keys")];
        var story = ChildProcess.Start(new ChildProcessOptions("story", Programs.Find("dotnet") ?? "dotnet", arguments)
        {
            LogFile = log,
            Environment = environment,
        }, Servers.Processes);
        var code = await story.Exited.WaitAsync(StoryPatience, TimeProvider.System, TestContext.Current.CancellationToken);
        return (code, File.ReadAllLines(log));
    }

    /// <summary>The environment that the launcher would give to a program which references every service.</summary>
    public async Task<Dictionary<string, string?>> ClientEnvironmentAsync()
    {
        var environment = new Dictionary<string, string?> { [MarkName] = _mark };
        foreach (var resource in await ResourcesAsync())
        {
            foreach (var address in resource.Addresses.Select(static address => Address().Match(address)).Where(static match => match.Success))
            {
                environment[$"services__{resource.Name}__{address.Groups["name"].Value}__0"] = address.Groups["url"].Value;
            }
        }

        return environment;
    }

    public async Task<Uri> AddressAsync(string service, string endpoint) => new((await ClientEnvironmentAsync())[$"services__{service}__{endpoint}__0"]!);

    /// <summary>Ends the stack as Ctrl-C in its terminal would; gives the exit code.</summary>
    public async Task<int> InterruptAsync()
    {
        AppHost.Identity.Signal(Signals.Interrupt);
        return await AppHost.Exited.WaitAsync(StartPatience, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>Every process of the machine that comes from this stack: it has the stack's mark in its environment, or the state folder on its command line.</summary>
    public IReadOnlyList<string> Processes()
    {
        var found = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id == Environment.ProcessId)
            {
                continue;
            }

            try
            {
                var command = File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' ');
                var isOurs = command.Contains(State, StringComparison.Ordinal) || File.ReadAllText(Path.Combine(folder, "environ")).Contains(_mark, StringComparison.Ordinal);
                if (isOurs && ProcessIdentity.Of(id) is not null)
                {
                    found.Add($"{id} {command}");
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or belongs to somebody else.
            }
        }

        return found;
    }

    /// <summary>What is left of the stack after its end. A process that is just ending is given time for it.</summary>
    public async Task<IReadOnlyList<string>> LeftoversAsync()
    {
        IReadOnlyList<string> left = [];
        try
        {
            await Eventually.BecomesTrueAsync(() => (left = Processes()).Count == 0, TimeSpan.FromSeconds(15), "every process of the stack to be gone");
        }
        catch (TimeoutException)
        {
            // The test says what is left.
        }

        return left;
    }

    public async ValueTask DisposeAsync() => await AppHost.StopAsync(TimeSpan.FromSeconds(60));

    /// <summary>What the build says about this test project.</summary>
    public static string Built(string name) =>
        typeof(LaunchedStack).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == name).Value ?? "";

    [GeneratedRegex(@"http://[^\s,]+")]
    private static partial Regex StatusPage();

    [GeneratedRegex(@"^(?<url>\S+) \((?<name>\w+)\)$")]
    private static partial Regex Address();
}

/// <summary>A resource as the status page describes it.</summary>
internal sealed record ResourceStatus(string Name, string? State, string? Health, int? ExitCode, string? Reason, IReadOnlyList<string> Addresses, IReadOnlyList<int> Processes);
