using System.Globalization;

namespace Poc.Story.Telling;

/// <summary>Tells the story in lines, on the console and into the transcript, each line at once, so that a reader can follow while it happens.</summary>
internal sealed class Narrator : IDisposable
{
    private const string Margin = "              ";
    private readonly Lock _lock = new();
    private readonly TextWriter _console;
    private readonly StreamWriter? _transcript;
    private readonly TimeProvider _clock;
    private readonly long _started;

    /// <param name="console">Where a person reads along.</param>
    /// <param name="transcript">Path of the transcript, written anew; null for none.</param>
    /// <param name="clock">Measures how long the story takes.</param>
    public Narrator(TextWriter console, string? transcript, TimeProvider clock)
    {
        _console = console;
        _clock = clock;
        _started = clock.GetTimestamp();
        if (transcript is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(transcript))!);
            _transcript = new StreamWriter(new FileStream(transcript, FileMode.Create, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        }
    }

    public TimeSpan Elapsed => _clock.GetElapsedTime(_started);

    /// <summary>A new part of the story.</summary>
    /// <param name="date">Day in the story, ISO 8601.</param>
    /// <param name="title">What it is about.</param>
    public void Chapter(string date, string title)
    {
        Line("");
        Line(string.Create(CultureInfo.InvariantCulture, $"{date,-12}  {title}  [{Elapsed.TotalSeconds:0} s]"));
    }

    /// <summary>What happens.</summary>
    public void Tell(string line) => Line(Margin + line);

    /// <summary>What a service answered.</summary>
    public void Answer(string line) => Line($"{Margin}  → {line}");

    /// <summary>How far something long has come.</summary>
    public void Progress(string line) => Line($"{Margin}  … {line}");

    /// <summary>Something beside the story, for example an outage that is being waited out.</summary>
    public void Aside(string line) => Line($"{Margin}  ({line})");

    public void Line(string line)
    {
        lock (_lock)
        {
            _console.WriteLine(line);
            _console.Flush();
            _transcript?.WriteLine(line);
        }
    }

    public void Dispose() => _transcript?.Dispose();
}
