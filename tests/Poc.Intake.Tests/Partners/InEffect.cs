using Poc.Testing;

namespace Poc.Intake.Tests.Partners;

/// <summary>What an administrator did is in effect for every call that begins five seconds later or more, however long the call then takes.</summary>
internal static class InEffect
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(5);

    /// <summary>Calls until the refusal is the expected one; fails where a call was let in that began too late for it.</summary>
    /// <param name="refusal">Calls; gives the refusal, null where there is none.</param>
    /// <param name="expected">The refusal.</param>
    public static Task WithinFiveSecondsAsync(Func<Task<string?>> refusal, string? expected)
    {
        var done = TimeProvider.System.GetTimestamp();
        return Eventually.BecomesTrueAsync(async () =>
        {
            var begun = TimeProvider.System.GetElapsedTime(done);
            var given = await refusal();
            Assert.True(given == expected || begun < Promise, $"A call that began {begun.TotalSeconds:0.0} s later was answered {given ?? "OK"}.");
            return given == expected;
        }, TimeSpan.FromSeconds(60));
    }
}
