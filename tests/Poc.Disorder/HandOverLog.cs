using System.Globalization;

namespace Poc.Disorder;

/// <summary>One line for each message in the order in which a process's consumers were handed them: queue, number in the order of arrival, milliseconds, once or twice, forgotten or not.</summary>
internal sealed class HandOverLog(string? folder)
{
    private readonly Lock _lock = new();
    private readonly string? _file = folder is null ? null : Path.Combine(folder, $"{Environment.ProcessId}.log");

    public void Write(string queue, long arrival, Chance chance, bool forgotten)
    {
        if (_file is not null)
        {
            lock (_lock)
            {
                File.AppendAllText(_file, string.Create(CultureInfo.InvariantCulture, $"{queue} {arrival} {chance.Delay.TotalMilliseconds:0} {(chance.Twice ? "twice" : "once")} {(forgotten ? "forgotten" : "taken")}\n"));
            }
        }
    }
}
