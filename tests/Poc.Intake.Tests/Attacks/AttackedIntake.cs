using System.Globalization;
using Poc.Testing;

namespace Poc.Intake.Tests.Attacks;

/// <summary>An Intake in a process of its own, so that its memory is its own too, and a partner who means well.</summary>
public sealed class AttackedIntake : IAsyncLifetime
{
    /// <summary>
    /// What all attacks together may add to the process at its peak, in bytes. Far more than any of them needs, for the collector takes its time, and far less than each of them sends or would
    /// unpack.
    /// </summary>
    private const long Ceiling = 384L << 20;

    private Surroundings? _surroundings;
    private IntakeServer? _office;
    private IntakeProcess? _process;
    private long _atFirst;

    internal IntakeProcess Process => _process!;

    internal TestPartner Partner { get; private set; } = null!;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _surroundings = await IntakeStack.OwnAsync(await Servers.NewBusAsync(), (await Servers.RedisAsync()).ConnectionString);
        _office = await IntakeServer.StartAsync(_surroundings);
        Partner = await _office.NewPartnerAsync();
        _process = IntakeProcess.Start(_surroundings, ("Grpc:MaxSilence", "00:00:02"));
        await Eventually.BecomesTrueAsync(IsAnsweredAsync);
        _atFirst = OperatingSystem.IsLinux() ? new ProcessMemory(_process.Pid).Now : 0;
    }

    /// <summary>Runs an attack, and looks whether the process kept below the ceiling, still answers who means well, and stored nothing.</summary>
    public async Task WithstandsAsync(Func<Task> attack)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The kernel is asked for a process's memory by /proc.");
        Assert.True(await IsAnsweredAsync());
        var stored = await StoredAsync();
        var memory = new ProcessMemory(Process.Pid);
        memory.ForgetPeak();

        await attack();

        // Not from where the attack before left it: memory that a process does not give back would hide what the next one takes.
        var grown = memory.Peak - _atFirst;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_atFirst >> 20} MiB at first, {grown >> 20} MiB more at the peak, {memory.Now - _atFirst >> 20} MiB more now"));
        Assert.True(grown <= Ceiling, string.Create(CultureInfo.InvariantCulture, $"The process grew by {grown >> 20} MiB, by more than {Ceiling >> 20} MiB."));
        Assert.True(await IsAnsweredAsync());
        Assert.Equal(stored + 1, await StoredAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (_office is not null)
        {
            await _office.DisposeAsync();
        }

        if (_surroundings is not null)
        {
            await _surroundings.Archive.DisposeAsync();
            await _surroundings.Database.DisposeAsync();
        }
    }

    private async Task<bool> IsAnsweredAsync()
    {
        await Process.Client.SubmitRequestAsync(Filings.Delist(), Partner.Headers, TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(20), Ended);
        return true;
    }

    private Task<long> StoredAsync() => _surroundings!.Database.ScalarAsync<long>("SELECT count(*) FROM requests");
}
