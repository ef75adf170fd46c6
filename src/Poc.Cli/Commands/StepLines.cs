using Poc.Campaigns;

namespace Poc.Cli.Commands;

/// <summary>One line a step and tenth on a file or pipe; one line that moves on a terminal.</summary>
internal sealed class StepLines(TextWriter errors) : IProgress<AnalysisStep>
{
    private readonly Lock _turn = new();
    private string _shown = "";

    /// <summary>A line of its own.</summary>
    public void Say(string line)
    {
        lock (_turn)
        {
            _shown = "";
            errors.Write((Console.IsErrorRedirected ? line : "\r" + line.PadRight(40)) + "\n");
        }
    }

    public void Report(AnalysisStep value)
    {
        // Several threads permute; a step that has ended stays ended.
        lock (_turn)
        {
            var line = $"{value.Name} {Math.Floor(value.Done * 10) * 10:0} %";
            if (line == _shown)
            {
                return;
            }

            _shown = line;
            errors.Write(Console.IsErrorRedirected ? line + "\n" : "\r" + line.PadRight(40) + (value.Done >= 1 ? "\n" : ""));
        }
    }
}
