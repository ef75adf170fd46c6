using System.CommandLine;
using System.Text.Json;
using Google.Protobuf;

namespace Poc.Cli;

/// <summary>Writes an answer: JSON where asked for, otherwise the lines a person reads.</summary>
internal static class Answer
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(false));
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task WriteAsync(ParseResult parsed, IMessage message, params IEnumerable<string> lines) =>
        WriteTextAsync(parsed, Formatter.Format(message), lines);

    public static Task WriteAsync(ParseResult parsed, object record, params IEnumerable<string> lines) =>
        WriteTextAsync(parsed, JsonSerializer.Serialize(record, Indented), lines);

    private static async Task WriteTextAsync(ParseResult parsed, string json, IEnumerable<string> lines)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(GlobalOptions.Json))
        {
            await output.WriteLineAsync(json);
            return;
        }

        foreach (var line in lines)
        {
            await output.WriteLineAsync(line);
        }
    }
}
