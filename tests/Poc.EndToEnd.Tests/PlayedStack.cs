using Poc.EndToEnd.Tests.Telemetry;
using Poc.LocalHost.Processes;
using Poc.Testing;

namespace Poc.EndToEnd.Tests;

/// <summary>
/// A stack on which the story was played once, by the one command that starts everything and ends with the story. Afterwards the stack is started again on the
/// same data when a test asks for it, and again when a test ended it.
/// </summary>
[CollectionDefinition(nameof(PlayedStack))]
public sealed class PlayedStack : IAsyncLifetime, ICollectionFixture<PlayedStack>
{
    private readonly string _state = LaunchedStack.NewState();
    private SpanCollector _collector = null!;
    private LaunchedStack? _running;

    /// <summary>How the first run ended.</summary>
    internal int ExitCode { get; private set; }

    /// <summary>What the first run told.</summary>
    internal IReadOnlyList<string> Transcript { get; private set; } = [];

    /// <summary>What the launcher showed of the first run.</summary>
    internal string Shown { get; private set; } = "";

    /// <summary>Processes that were left when the first run had ended.</summary>
    internal IReadOnlyList<string> Leftovers { get; private set; } = [];

    /// <summary>Receives the spans of the stack that <see cref="RunningAsync"/> gives.</summary>
    internal SpanCollector Collector => _collector;

    public async ValueTask InitializeAsync()
    {
        _collector = await SpanCollector.StartAsync();
        await using var first = LaunchedStack.Launch(_state, playStory: true);
        ExitCode = await first.EndAsync();
        Transcript = first.Transcript;
        Shown = string.Join('\n', first.AppHost.LastLines(400));
        Leftovers = await first.LeftoversAsync();
    }

    /// <summary>The stack, started again on the data of the first run and ready.</summary>
    internal async Task<LaunchedStack> RunningAsync()
    {
        if (_running is null || _running.AppHost.Exited.IsCompleted)
        {
            _running = LaunchedStack.Launch(_state, playStory: false, _collector.Address);
            await _running.ReadyAsync();
        }

        return _running;
    }

    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
        {
            await _running.DisposeAsync();
        }

        await _collector.DisposeAsync();
    }
}
