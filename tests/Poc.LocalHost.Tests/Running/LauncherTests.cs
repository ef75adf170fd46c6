using Npgsql;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.LocalHost.Tests.Running;

/// <summary>A launcher in a process of its own, as a person starts it.</summary>
public sealed class LauncherTests
{
    private static readonly string Program = typeof(Projects.Poc_LocalHost_Tests_Sample).Assembly.Location;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Signals.Interrupt)]
    [InlineData(Signals.Terminate)]
    public async Task Leaves_nothing_behind_when_it_is_told_to_stop_and_finds_its_data_the_next_time(int signal)
    {
        await Testing.Servers.RequireAsync("postgresql");
        var folder = TestStack.NewFolder();
        await using (var first = await Launcher.ReadyAsync(folder))
        {
            await ExecuteAsync(await first.DatabaseAsync(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)");
            Assert.NotEmpty(first.Left()); // The search finds what it is to find.
            first.Signal(signal);
            Assert.Equal(0, await first.ExitCodeAsync());
            Assert.Empty(first.Left());
        }

        await using var second = await Launcher.ReadyAsync(folder);
        Assert.Equal(42, await ExecuteAsync(await second.DatabaseAsync(), "SELECT n FROM kept"));
    }

    [Fact]
    public async Task Leaves_nothing_behind_when_it_is_killed_and_finds_its_data_the_next_time()
    {
        await Testing.Servers.RequireAsync("postgresql");
        var folder = TestStack.NewFolder();
        await using (var first = await Launcher.ReadyAsync(folder))
        {
            await ExecuteAsync(await first.DatabaseAsync(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)");
            first.Signal(Signals.Kill);
            await first.ExitCodeAsync();
            await Eventually.BecomesTrueAsync(() => first.Left().Count == 0);
        }

        await using var second = await Launcher.ReadyAsync(folder);
        Assert.Equal(42, await ExecuteAsync(await second.DatabaseAsync(), "SELECT n FROM kept"));
    }

    [Fact]
    public async Task Notices_a_launcher_that_runs_already_and_leaves_it_alone()
    {
        await Testing.Servers.RequireAsync("postgresql");
        var folder = TestStack.NewFolder();
        await using var first = await Launcher.ReadyAsync(folder);
        await using var second = Launcher.Start(folder);
        Assert.Equal(1, await second.ExitCodeAsync());
        Assert.Contains($"running already (process {first.Pid}, status page {first.StatusPage()})", second.Output, StringComparison.Ordinal);
        Assert.Equal(1, await ExecuteAsync(await first.DatabaseAsync(), "SELECT 1"));
    }

    [Fact]
    public async Task Begins_with_empty_data_when_told_to_reset()
    {
        await Testing.Servers.RequireAsync("postgresql");
        var folder = TestStack.NewFolder();
        await using (var first = await Launcher.ReadyAsync(folder))
        {
            await ExecuteAsync(await first.DatabaseAsync(), "CREATE TABLE lost (n int)");
        }

        await using var second = await Launcher.ReadyAsync(folder, "--reset");
        Assert.Equal(DBNull.Value, await ExecuteAsync(await second.DatabaseAsync(), "SELECT to_regclass('lost')::text"));
    }

    [Fact]
    public async Task Says_in_one_line_which_parameter_is_missing()
    {
        await using var without = Launcher.StartWithoutSecret(TestStack.NewFolder());
        Assert.Equal(1, await without.ExitCodeAsync());
        Assert.Contains("No value for the parameter 'sample-secret'", without.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", without.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_in_one_line_that_publishing_needs_Aspire()
    {
        await using var launcher = Launcher.Start(TestStack.NewFolder(), "--publisher", "manifest", "--output-path", "manifest.json");
        Assert.Equal(1, await launcher.ExitCodeAsync());
        Assert.Contains("UseAspire=true", Assert.Single(launcher.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancellation);
    }

    private sealed class Launcher : IAsyncDisposable
    {
        private static int _count;
        private readonly ChildProcess _process;
        private readonly string _mark;

        private Launcher(string folder, IReadOnlyList<string> arguments)
        {
            Folder = folder;
            _mark = $"mark-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}-";
            _process = ChildProcess.Start(new("launcher", Programs.Dotnet, [Program, "--StateFolder", folder, "--DcpPublisher:RandomizePorts", "true", .. arguments])
            {
                LogFile = Path.Combine(Testing.Servers.Folder, _mark + "launcher.log"),
                // Everything that it starts inherits this, however many generations on.
                Environment = new Dictionary<string, string?> { ["LAUNCHER_MARK"] = _mark },
            }, Testing.Servers.Processes);
        }

        public string Folder { get; }

        public int Pid => _process.Identity.Pid;

        public string Output => File.Exists(_process.Options.LogFile) ? File.ReadAllText(_process.Options.LogFile) : "";

        public static Launcher Start(string folder, params string[] arguments) => new(folder, ["--Parameters:sample-secret", "x", .. arguments]);

        public static Launcher StartWithoutSecret(string folder) => new(folder, []);

        public static async Task<Launcher> ReadyAsync(string folder, params string[] arguments)
        {
            var launcher = Start(folder, arguments);
            await Eventually.BecomesTrueAsync(
                () => launcher._process.Exited.IsCompleted ? throw new InvalidOperationException(launcher.Output) : launcher.Output.Contains("ready after", StringComparison.Ordinal), TimeSpan.FromSeconds(60), "the launcher is ready");
            return launcher;
        }

        public string StatusPage() => Output.Split('\n').Single(line => line.Contains("status page", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];

        public async Task<string> DatabaseAsync()
        {
            var sample = Output.Split('\n').Last(line => line.Contains("(web)", StringComparison.Ordinal)).Split(' ').Last(word => word.StartsWith("http", StringComparison.Ordinal));
            using var http = new HttpClient();
            var environment = System.Text.Json.JsonSerializer.Deserialize<Dictionary<string, string>>(await http.GetStringAsync(sample + "/environment", Cancellation))!;
            return environment["ConnectionStrings__sampledb"];
        }

        public void Signal(int signal) => _process.Identity.Signal(signal);

        public Task<int> ExitCodeAsync() => _process.Exited.WaitAsync(TimeSpan.FromSeconds(150), TimeProvider.System, Cancellation);

        /// <summary>What still runs of everything that it ever started, children of children included.</summary>
        public IReadOnlyList<string> Left() =>
        [
            .. from folder in Directory.EnumerateDirectories("/proc")
               where int.TryParse(Path.GetFileName(folder), out var pid) && pid != Pid
               where Readable($"{folder}/environ").Contains(_mark, StringComparison.Ordinal)
               where ProcessIdentity.Of(int.Parse(Path.GetFileName(folder))) is not null
               select Readable($"{folder}/cmdline").Replace('\0', ' '),
        ];

        public async ValueTask DisposeAsync() => await _process.StopAsync(TimeSpan.FromSeconds(40));

        private static string Readable(string file)
        {
            try
            {
                return File.ReadAllText(file);
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                return "";
            }
        }
    }
}
