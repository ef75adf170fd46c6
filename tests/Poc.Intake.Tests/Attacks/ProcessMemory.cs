using System.Globalization;

namespace Poc.Intake.Tests.Attacks;

/// <summary>Resident memory of a process as the kernel counts it (Linux, proc(5)).</summary>
internal sealed class ProcessMemory(int pid)
{
    /// <summary>Bytes now.</summary>
    public long Now => Read("VmRSS:");

    /// <summary>The most it ever was since <see cref="ForgetPeak"/>, in bytes.</summary>
    public long Peak => Read("VmHWM:");

    public void ForgetPeak() => File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/clear_refs"), "5");

    private long Read(string name)
    {
        var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")).Single(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(name.Length, line.Length - name.Length - "kB".Length), CultureInfo.InvariantCulture) * 1024;
    }
}
